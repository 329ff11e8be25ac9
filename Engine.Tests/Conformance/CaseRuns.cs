using System.Reflection;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>What one case gave on one device, and what it took: kernels by name, on a GPU their entry points, ops, and the arithmetic and
/// memory traffic of these.</summary>
public sealed record CaseRun(OpCase Case, double[] Values, double[][] Gradients)
{
    public HashSet<string> Kernels { get; } = [];
    public HashSet<MethodInfo> EntryPoints { get; } = [];
    public HashSet<Type> Ops { get; } = [];
    public long Work { get; set; }
}

/// <summary>Runs a case once on each device, for every test that looks at the result.</summary>
public static class CaseRuns
{
    private static readonly Dictionary<(string Case, string Device), CaseRun> Known = [];

    public static CaseRun Get(OpCase c, string device)
    {
        if (!Known.TryGetValue((c.Name, device), out var run)) Known[(c.Name, device)] = run = Run(c, TestDevices.Get(device));
        return run;
    }

    /// <summary>Every case that a device takes. One that throws is left out: its own test tells of it.</summary>
    public static List<CaseRun> All(string device)
    {
        var runs = new List<CaseRun>();
        foreach (var c in ConformanceTests.Cases)
        {
            if (!c.Emulate && device == "emulated") continue;
            try
            {
                runs.Add(Get(c, device));
            }
            catch (Exception e)
            {
                TestContext.Out.WriteLine($"{c.Name} on {device}: {e.Message}");
            }
        }
        return runs;
    }

    /// <summary>Cases for a slow checker: the one with the least work for each entry point that small cases launch on a GPU here, and where
    /// an entry point is made for many functions also the one with the most work, within reason, for one of them.</summary>
    public static IReadOnlyCollection<OpCase> PerEntryPoint()
    {
        const long mostWork = 3_000;
        var runs = CoverageTests.GpuDevices.SelectMany(All).Where(run => run.Case.Emulate).OrderBy(run => run.Work).ToList();
        var chosen = new HashSet<OpCase>();
        foreach (var entry in runs.SelectMany(run => run.EntryPoints).Distinct())
            chosen.Add(runs.Find(run => run.EntryPoints.Contains(entry))!.Case);
        foreach (string name in runs.SelectMany(run => run.EntryPoints).Select(entry => entry.Name).Distinct())
            if (runs.FindLast(run => run.Work <= mostWork && run.EntryPoints.Any(entry => entry.Name == name)) is { } largest) chosen.Add(largest.Case);
        return chosen;
    }

    /// <summary>The case's value and gradients on a device, computed anew.</summary>
    public static CaseRun Run(OpCase c, Device device)
    {
        var seen = new CaseRun(c, [], []);
        device.Launched = name => seen.Kernels.Add(name);
        device.Applied = applied =>
        {
            var op = (Op)applied;
            seen.Ops.Add(op.GetType().IsGenericType ? op.GetType().GetGenericTypeDefinition() : op.GetType());
            seen.Work += op.Flops + op.Bytes;
        };
        if (device is GpuDevice gpu) gpu.Launching = method => seen.EntryPoints.Add(method);
        try
        {
            var inputs = c.Make(device);
            var y = c.Function(inputs);
            double[] values = ConformanceTests.Doubles(y);
            var wanted = inputs.Where(x => x.RequiresGrad).ToArray();
            if (!c.HasGradient || wanted.Length == 0) return seen with { Values = values };
            y.Backward(GradientCheck.Weights(y));
            return seen with { Values = values, Gradients = [.. wanted.Select(x => x.Grad!.ToArray<double>())] };
        }
        finally
        {
            device.Launched = null;
            device.Applied = null;
            if (device is GpuDevice opened) opened.Launching = null;
        }
    }
}
