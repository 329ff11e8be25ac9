using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>What one case gave on one device, and which kernels and ops it took.</summary>
public sealed record CaseRun(double[] Values, double[][] Gradients, IReadOnlySet<string> Kernels, IReadOnlySet<Type> Ops);

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

    /// <summary>The case's value and gradients on a device, computed anew.</summary>
    public static CaseRun Run(OpCase c, Device device)
    {
        HashSet<string> kernels = [];
        HashSet<Type> ops = [];
        device.Launched = name => kernels.Add(name);
        device.Applied = op => ops.Add(op.GetType().IsGenericType ? op.GetType().GetGenericTypeDefinition() : op.GetType());
        try
        {
            var inputs = c.Make(device);
            var y = c.Function(inputs);
            double[] values = ConformanceTests.Doubles(y);
            var wanted = inputs.Where(x => x.RequiresGrad).ToArray();
            if (!c.HasGradient || wanted.Length == 0) return new(values, [], kernels, ops);
            y.Backward(GradientCheck.Weights(y));
            return new(values, [.. wanted.Select(x => x.Grad!.ToArray<double>())], kernels, ops);
        }
        finally
        {
            device.Launched = null;
            device.Applied = null;
        }
    }
}
