using System.Runtime.CompilerServices;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace Engine.Kernels;

/// <summary>What ILGPU 1.5.3's OpenCL needs to be right, and to run on devices without a generic address space.</summary>
internal static class OpenClPatches
{
    /// <summary>ILGPU refuses such a device, though at optimization level O2 its kernels name every address space.</summary>
    public static void AllowGenericAddresses(CLDevice device) => SetGenericAddressSpace(device.Capabilities, true);

    /// <summary>Mends a kernel's source before it is built.</summary>
    public static void Apply(CLCompiledKernel kernel)
    {
        string source = kernel.Source
            // A group's barrier must order shared memory too; without the second flag each shared-memory kernel is a race.
            .Replace("work_group_barrier(CLK_GLOBAL_MEM_FENCE)", "work_group_barrier(CLK_GLOBAL_MEM_FENCE | CLK_LOCAL_MEM_FENCE)", StringComparison.Ordinal)
            .Replace("barrier(CLK_LOCAL_MEM_FENCE)", "barrier(CLK_GLOBAL_MEM_FENCE | CLK_LOCAL_MEM_FENCE)", StringComparison.Ordinal);
        // a * b + c in one rounding where the device has it.
        Source(kernel) = "#pragma clang fp contract(fast)\n" + source;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Source>k__BackingField")]
    private static extern ref string Source(CLCompiledKernel kernel);
}
