using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class CumulativeSumTests
{
    private static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void CumulativeSum_OfSpecialNumbers_SpoilsWhatComesAfterThem(string device)
    {
        var x = Tensor.From([1, 2, float.PositiveInfinity, 3, float.NegativeInfinity, 4], [6], TestDevices.Get(device));
        Assert.That(x.CumulativeSum(0).ToArray(), Is.EqualTo(new[] { 1, 3, float.PositiveInfinity, float.PositiveInfinity, float.NaN, float.NaN }));
    }

    [TestCaseSource(nameof(Devices))]
    public void CumulativeSum_OfARowOfOneGroup_KeepsWhatComesBeforeANaN(string device)
    {
        var numbers = Enumerable.Repeat(1f, 70).ToArray();
        numbers[40] = float.NaN;
        var y = Tensor.From(numbers, [70], TestDevices.Get(device)).CumulativeSum(-1).ToArray();
        Assert.That(y[..40], Is.EqualTo(Enumerable.Range(1, 40)));
        Assert.That(y[40..], Is.All.NaN);
    }

    [Test]
    public void CumulativeSum_OfIntegers_NamesTheType()
        => Assert.That(() => Tensor.Arange(3, dtype: DType.Int32).CumulativeSum(0), Throws.TypeOf<DTypeException>().With.Message.Contains("CumulativeSum").And.Message.Contains("Int32"));

    [Test]
    public void CumulativeSum_GivesTheSameBits_OnAnyNumberOfThreads()
    {
        foreach (var (shape, axis) in new (int[], int)[] { ([3, 9000], 1), ([700, 90], 0) })
        {
            float[]? expected = null;
            foreach (int threads in new[] { 1, 2, 3 })
            {
                var y = Tensor.Normal(shape, new Rng(1), device: new CpuDevice(threads)).CumulativeSum(axis).ToArray();
                expected ??= y;
                Assert.That(y, Is.EqualTo(expected));
            }
        }
    }
}
