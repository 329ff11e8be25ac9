using static TorchSharp.torch;

namespace Engine.Libtorch;

/// <summary>What comparisons with libtorch share: one thread, and the largest difference of all cases, printed in the end.</summary>
public abstract class Comparison
{
    private double worst;

    [OneTimeSetUp]
    public void OneThread() => set_num_threads(1);

    [OneTimeTearDown]
    public void Report() => TestContext.Progress.WriteLine($"{GetType().Name}: the largest difference of single precision: {worst:E1} (SEED={Drawn.Seed})");

    /// <summary>Keeps the largest difference.</summary>
    protected void Note(double difference) => worst = Math.Max(worst, difference);

    /// <summary>Asserts that all numbers are the same but for a tolerance, and returns the largest difference.</summary>
    protected static double Compare(Dictionary<string, double[]> ours, Dictionary<string, double[]> theirs, double tolerance, object what)
    {
        Assert.That(ours.Keys, Is.EquivalentTo(theirs.Keys));
        double most = 0;
        foreach (var (name, numbers) in ours)
        {
            double difference = Drawn.Difference(numbers, theirs[name]);
            Assert.That(difference, Is.LessThanOrEqualTo(tolerance), $"SEED={Drawn.Seed}, {what}: {name}");
            most = Math.Max(most, difference);
        }
        TestContext.Out.WriteLine($"The largest difference: {most:E1}");
        return most;
    }
}
