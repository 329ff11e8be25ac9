using System.Reflection;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Nothing is without a case: what reflection finds in the libraries is held against what the cases ran.</summary>
public class CoverageTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    public static IEnumerable<string> GpuDevices => TestDevices.Names.Where(name => name is not ("cpu" or "reference"));

    [TestCaseSource(nameof(Devices))]
    public void Kernels_HaveCases_OnThisDevice(string device)
        => Assert.That(Missing(Expected(), Ran(device)), Is.Empty, "kernels that no case launches");

    [Test]
    public void Ops_HaveCases()
    {
        var ops = typeof(Op).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract);
        var applied = CaseRuns.All("reference").SelectMany(run => run.Ops).ToHashSet();
        Assert.That(ops.Where(op => !applied.Contains(op)).Select(op => op.Name), Is.Empty, "ops that no case applies");
    }

    [TestCaseSource(nameof(GpuDevices))]
    public void EntryPoints_AreLaunched_OnThisDevice(string device)
    {
        var entries = typeof(GpuDevice).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(m => m.Name).Where(name => name.EndsWith("Kernel", StringComparison.Ordinal) && !name.StartsWith('<'));
        if (device == "emulated")
        {
            // The emulator is not given the cases too large for it, so what only these launch is left to real devices.
            var small = GpuDevices.Where(name => name != device).SelectMany(CaseRuns.All).Where(run => run.Case.Emulate).ToList();
            if (small.Count == 0) Assert.Ignore("No GPU but the emulator here; which entry points small cases launch was not checked.");
            entries = small.SelectMany(run => run.EntryPoints).Select(entry => entry.Name);
        }
        var launched = CaseRuns.All(device).SelectMany(run => run.EntryPoints).Select(entry => entry.Name).ToHashSet();
        Assert.That(entries.Where(entry => !launched.Contains(entry)).Distinct(), Is.Empty, "GPU entry points that no case launches");
    }

    [Test]
    public void Coverage_FindsAPlantedKernelWithoutCases()
    {
        var ran = Ran("reference");
        Assert.That(Missing([.. Expected(), "Planted"], ran), Is.EqualTo(new[] { "Planted" }));
        Assert.That(Missing(Expected(), ran.Where(name => name != "MatMul")), Is.EqualTo(new[] { "MatMul" }));
    }

    private static HashSet<string> Ran(string device)
        => [.. CaseRuns.All(device).SelectMany(run => run.Kernels), .. FunctorTests.Derivatives(device)];

    private static string[] Missing(IEnumerable<string> expected, IEnumerable<string> ran) => [.. expected.Except(ran).Order(StringComparer.Ordinal)];

    /// <summary>The names that <see cref="Device.Launched"/> is told: a kernel's own, or its function's for each function that it takes.</summary>
    private static IEnumerable<string> Expected()
    {
        const BindingFlags declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var methods = typeof(Device).GetMethods(declared);
        var cores = methods.Select(m => m.Name).ToHashSet();
        foreach (var kernel in methods.Where(m => m.IsPublic && cores.Contains(m.Name + "Core")).DistinctBy(m => m.Name))
        {
            if (!kernel.IsGenericMethodDefinition)
            {
                yield return kernel.Name;
                continue;
            }
            string suffix = kernel.Name.EndsWith("Backward", StringComparison.Ordinal) ? "Backward" : "";
            foreach (var function in Functors.Of(kernel)) yield return Functors.Name(function) + suffix;
        }
    }
}
