using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace Engine.Kernels;

/// <summary>What ILGPU 1.5.3's OpenCL needs to be right, and to run on devices without a generic address space.</summary>
internal static partial class OpenClPatches
{
    /// <summary>ILGPU refuses such a device, though at optimization level O2 its kernels name every address space.</summary>
    public static void AllowGenericAddresses(CLDevice device) => SetGenericAddressSpace(device.Capabilities, true);

    /// <summary>Mends a kernel's source before it is built.</summary>
    public static void Apply(CLCompiledKernel kernel)
    {
        // A group's barrier must order shared memory too: ILGPU names global memory alone, and each shared-memory kernel is a race.
        // And barrier() is known to every version of OpenCL, work_group_barrier() from 2.0 on.
        string source = Barrier().Replace(kernel.Source, "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)");
        // a * b + c in one rounding where the device has it.
        Source(kernel) = "#pragma clang fp contract(fast)\n" + source;
    }

    [GeneratedRegex(@"\b(work_group_)?barrier\s*\(\s*CLK_\w+\s*\)")]
    private static partial Regex Barrier();

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Source>k__BackingField")]
    private static extern ref string Source(CLCompiledKernel kernel);
}
