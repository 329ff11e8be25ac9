using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Engine.Tests.Conformance;

/// <summary>Every GPU kernel that the cases launched compiles to CUDA's assembly too, with no CUDA here.</summary>
public class PtxTests
{
    // ILGPU 1.5.3 knows targets up to sm_80 (Ampere); newer GPUs compile the same assembly when it is loaded.
    private static readonly CudaArchitecture Target = CudaArchitecture.SM_80;

    [Test]
    public void Kernels_CompileToPtx()
    {
        var failures = new List<string>();
        int compiled = 0;
        var compiler = new Compiler();
        foreach (var kernel in EntryPoints())
        {
            try
            {
                string assembly = compiler.Compile(kernel);
                compiled++;
                if (!assembly.Contains(".target sm_80") || !assembly.Contains(".visible .entry")) failures.Add($"{Describe(kernel)}: no entry for sm_80");
                // A depot is memory of each thread's own: what should be registers has gone there.
                if (assembly.Contains("__local_depot")) TestContext.Out.WriteLine($"{Describe(kernel)} uses local memory");
            }
            catch (Exception e)
            {
                failures.Add($"{Describe(kernel)}: {e.InnerException?.Message ?? e.Message}");
                compiler.Dispose();
                compiler = new Compiler();                          // a failed compile spoils its context for later ones
            }
        }
        compiler.Dispose();
        TestContext.Out.WriteLine($"{compiled} kernels compiled to PTX");
        Assert.That(failures, Is.Empty);
        Assert.That(compiled, Is.GreaterThan(0));
    }

    [Test]
    public void Compile_RefusesWhatAGpuCannotRun()
    {
        using var compiler = new Compiler();
        Assert.That(() => compiler.Compile(((Action<ArrayView<int>>)Faulty).Method), Throws.InstanceOf<InternalCompilerException>());
    }

    private static void Faulty(ArrayView<int> x)
    {
        if (x[0] > 0) throw new InvalidOperationException("planted");
    }

    private static IEnumerable<MethodInfo> EntryPoints()
        => CoverageTests.GpuDevices.SelectMany(CaseRuns.All).SelectMany(run => run.EntryPoints).Distinct().OrderBy(Describe, StringComparer.Ordinal);

    private static string Describe(MethodInfo kernel)
        => kernel.Name + (kernel.IsGenericMethod ? $"<{string.Join(", ", kernel.GetGenericArguments().Select(t => t.Name))}>" : "");

    private sealed class Compiler : IDisposable
    {
        private readonly Context context = Context.Create(b => b.EnableAlgorithms().Optimize(OptimizationLevel.O2));
        private readonly PTXBackend backend;

        public Compiler() => backend = new PTXBackend(context, new CudaCapabilityContext(Target), Target, CudaInstructionSet.ISA_80, null);

        public string Compile(MethodInfo kernel)
        {
            var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
            return ((PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty)).PTXAssembly;
        }

        public void Dispose()
        {
            backend.Dispose();
            context.Dispose();
        }
    }
}
