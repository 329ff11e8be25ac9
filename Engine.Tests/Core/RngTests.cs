using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class RngTests
{
    // Random123's published known answers for philox4x32 with 10 rounds: key, counter, result.
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0xa4093822u, 0x299f31d0u, 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Philox_Block_GivesThePublishedAnswers(uint k0, uint k1, uint c0, uint c1, uint c2, uint c3, uint r0, uint r1, uint r2, uint r3)
    {
        Philox.Block(k0, k1, c0, c1, c2, c3, out uint x0, out uint x1, out uint x2, out uint x3);
        Assert.That(new[] { x0, x1, x2, x3 }, Is.EqualTo(new[] { r0, r1, r2, r3 }));
    }

    [Test]
    public void NextWord_WalksTheBlocksInOrder()
    {
        var rng = new Rng(0);
        Assert.That(new[] { rng.NextWord(), rng.NextWord(), rng.NextWord(), rng.NextWord() }, Is.EqualTo(new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u }));
        Assert.That(rng.Position, Is.EqualTo(4));
    }

    [Test]
    public void Take_ReservesWholeBlocks_AfterWordsAlreadyDrawn()
    {
        var rng = new Rng(1);
        rng.NextWord();
        Assert.That(rng.Take(5), Is.EqualTo(4));
        Assert.That(rng.Position, Is.EqualTo(12));
        Assert.That(rng.Take(0), Is.EqualTo(12));
        Assert.That(rng.Position, Is.EqualTo(12));
    }

    [Test]
    public void Position_SetBack_GivesTheSameNumbers()
    {
        var rng = new Rng(5);
        rng.Permutation(10);
        ulong at = rng.Position;
        int[] first = rng.Permutation(100);
        rng.Position = at;
        Assert.That(rng.Permutation(100), Is.EqualTo(first));
    }

    [Test]
    public void Permutation_HoldsEachIndexOnce() => Assert.That(new Rng(9).Permutation(1000).Order(), Is.EqualTo(Enumerable.Range(0, 1000)));

    [Test]
    public void NextInt_IsEvenlySpread()
    {
        var rng = new Rng(3);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++) counts[rng.NextInt(7)]++;
        Assert.That(counts, Is.All.InRange(9_500, 10_500));
    }

    [Test]
    public void Split_GivesStreamsThatDiffer_AndDrawsNothing()
    {
        var rng = new Rng(3);
        Assert.That(new[] { rng.Split(0).NextWord(), rng.Split(1).NextWord(), rng.NextWord() }, Is.Unique);
        Assert.That(rng.Split(0).NextWord(), Is.EqualTo(new Rng(3).Split(0).NextWord()));
        Assert.That(rng.Position, Is.EqualTo(1));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Normal_HasTheMomentsOfANormal(string device)
    {
        int n = device == "emulated" ? 2_000 : 100_000;
        double[] x = Tensor.Normal([n], new Rng(11), mean: 3, deviation: 2, device: TestDevices.Get(device)).ToArray<double>();
        double mean = x.Average(), variance = x.Average(v => (v - mean) * (v - mean));
        Assert.That(mean, Is.EqualTo(3).Within(8 / Math.Sqrt(n)));
        Assert.That(variance, Is.EqualTo(4).Within(24 / Math.Sqrt(n)));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Uniform_IsTheStreamItself(string device)
    {
        var rng = new Rng(11);
        double[] x = Tensor.Uniform([7], rng, device: TestDevices.Get(device)).ToArray<double>();
        Assert.That(x, Is.EqualTo(Enumerable.Range(0, 7).Select(i => (double)Philox.Uniform(Philox.Word(11, (ulong)i)))));
        Assert.That(rng.Position, Is.EqualTo(8));
    }
}
