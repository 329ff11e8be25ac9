using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;

namespace Engine.Kernels;

/// <summary>Compiles a kernel at its first launch, and keeps it: ILGPU's own cache forgets at a collection.</summary>
internal sealed class KernelLoader(Accelerator accelerator)
{
    private readonly ConcurrentDictionary<MethodInfo, Delegate> launchers = new();
    private readonly Lock gate = new();

    /// <summary>Told each entry point that is about to be launched; for the tests' coverage.</summary>
    public Action<MethodInfo>? Launching { get; set; }

    public TLauncher Get<TLauncher>(MethodInfo method) where TLauncher : Delegate
    {
        Launching?.Invoke(method);
        if (launchers.TryGetValue(method, out var known)) return (TLauncher)known;
        lock (gate)
        {
            if (launchers.TryGetValue(method, out known)) return (TLauncher)known;
            var launcher = Load<TLauncher>(method);
            launchers[method] = launcher;
            return launcher;
        }
    }

    private TLauncher Load<TLauncher>(MethodInfo method) where TLauncher : Delegate
    {
        try
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(method);
            var compiled = accelerator.GetBackend().Compile(entry, KernelSpecialization.Empty);
            if (compiled is CLCompiledKernel source) OpenClPatches.Apply(source);
            return accelerator.LoadKernel(compiled).CreateLauncherDelegate<TLauncher>();
        }
        catch (Exception e) when (e is InternalCompilerException or NotSupportedException or AcceleratorException)
        {
            throw new DeviceException($"{accelerator.Name} does not compile the kernel {method.Name}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }
}
