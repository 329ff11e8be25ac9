using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>What the kernels of CTC make of targets that no op would give them.</summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.Names))]
public class CtcKernelTests(string name)
{
    private static readonly CtcSizes Sizes = new(2, 3, 4, 2, 0);

    private readonly Device device = TestDevices.Get(name);

    [TestCase(4, 4, 4)]
    [TestCase(4, -1, 4)]
    [TestCase(5, 3, 3)]
    [TestCase(5, -1, 3)]
    [TestCase(6, 500_000_000, 4)]
    [TestCase(7, 4, 4)]
    [TestCase(7, int.MinValue, 4)]
    public void BadTargets_AreNamed_ForwardAndBackward(int position, int bad, int bound)
    {
        int[] targets = [3, 2, 1, 2, 3, 2, 1, 3];
        targets[position] = bad;
        string says = $"the index {bad} at position {position} is not in 0..{bound - 1}";
        Assert.That(() => Run(targets, Sizes), Throws.TypeOf<IndexException>().With.Message.EqualTo($"CtcForward: {says}."));
        Assert.That(() => Run(targets, Sizes, backward: true), Throws.TypeOf<IndexException>().With.Message.EqualTo($"CtcBackward: {says}."));
        Assert.That(Run([3, 2, 1, 2, 3, 1, 1, -9], Sizes), Has.All.GreaterThan(0f), "the device goes on, and what is behind a target does not count");
    }

    [TestCase(4)]
    [TestCase(-1)]
    public void ABlankThatIsNoClass_IsNamed(int blank)
        => Assert.That(() => Run([3, 2, 1, 2, 3, 2, 1, 3], Sizes with { Blank = blank }), Throws.TypeOf<IndexException>().With.Message.EqualTo($"CtcForward: the blank {blank} is not in 0..3."));

    [Test]
    public void NoSteps_AreALossOfInfinity()
        => Assert.That(Run([0, 2, 1, 2, 0, 0, 0, 0], Sizes), Is.All.EqualTo(float.PositiveInfinity));

    private float[] Run(int[] targets, CtcSizes z, bool backward = false)
    {
        Tensor x = Tensor.Normal([z.N, z.T, z.C], new Rng(1), device: device), given = Tensor.From(targets, [z.N, z.TargetLength], device),
            alphas = Tensor.Zeros([z.N, z.T, z.States], device), logSums = Tensor.Zeros([z.N, z.T], device), losses = Tensor.Zeros([z.N], device);
        if (backward) device.CtcBackward(x.View, given.View, alphas.View, logSums.View, losses.View, Tensor.Zeros(x.Shape, device).View, z);
        else device.CtcForward(x.View, given.View, alphas.View, logSums.View, losses.View, z);
        device.Synchronize();
        return losses.ToArray();
    }
}
