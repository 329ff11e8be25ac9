using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Every op case on every device.</summary>
public class ConformanceTests
{
    public static IReadOnlyList<OpCase> Cases { get; } =
        [.. typeof(IOpCases).Assembly.GetTypes()
            .Where(t => t.IsAssignableTo(typeof(IOpCases)) && !t.IsInterface)
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .SelectMany(t => (IEnumerable<OpCase>)t.GetMethod(nameof(IOpCases.All))!.Invoke(null, null)!)];

    public static IEnumerable<TestCaseData> CasesByDevice()
        => from c in Cases
           from d in TestDevices.Compared
           where c.Emulate || d != "emulated"
           select new TestCaseData(c, d).SetArgDisplayNames(c.Name, d);

    public static IEnumerable<TestCaseData> CasesWithGradients()
        => from c in Cases where c.HasGradient select new TestCaseData(c).SetArgDisplayNames(c.Name);

    [Test]
    public void Cases_HaveNamesOfTheirOwn() => Assert.That(Cases.Select(c => c.Name), Is.Unique);

    [TestCaseSource(nameof(CasesWithGradients))]
    public void Gradient_MatchesCentralDifferences(OpCase c)
    {
        double worst = GradientCheck.Run(c.Function, c.Make(TestDevices.Reference));
        TestContext.Out.WriteLine($"{worst:E2}");
    }

    [TestCaseSource(nameof(CasesByDevice))]
    public void Device_MatchesReference(OpCase c, string device)
        => AssertClose(CaseRuns.Get(c, device), CaseRuns.Get(c, "reference"), c);

    internal static void AssertClose(CaseRun actual, CaseRun expected, OpCase c)
    {
        AssertClose(actual.Values, expected.Values, c.Tolerance, c.Name);
        for (int i = 0; i < actual.Gradients.Length; i++)
            AssertClose(actual.Gradients[i], expected.Gradients[i], c.Tolerance, $"{c.Name}: gradient of input {i}");
    }

    internal static double[] Doubles(Tensor x) => x.DType switch
    {
        DType.Float32 => x.ToArray<double>(),
        DType.Int32 => Array.ConvertAll(x.ToArray<int>(), v => (double)v),
        DType.UInt8 => Array.ConvertAll(x.ToArray<byte>(), v => (double)v),
        DType.Int8 => Array.ConvertAll(x.ToArray<sbyte>(), v => (double)v),
        DType.Float16 => Array.ConvertAll(x.ToArray<Half>(), v => (double)v),
        _ => Array.ConvertAll(x.ToArray<ushort>(), v => (double)BFloat16.ToSingle(v)),
    };

    internal static void AssertClose(double[] actual, double[] expected, double tolerance, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        for (int i = 0; i < actual.Length; i++)
        {
            if (actual[i].Equals(expected[i]) || (double.IsNaN(actual[i]) && double.IsNaN(expected[i]))) continue;
            double error = Math.Abs(actual[i] - expected[i]) / (1 + Math.Abs(expected[i]));
            if (!(error <= tolerance)) Assert.Fail($"{what}: number {i} is {actual[i]:R} and should be {expected[i]:R}, off by {error:E2}.");
        }
    }
}
