using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Comparisons, Where, Cast and Dropout where numbers are special, and where arguments are bad.</summary>
public class SelectionTests
{
    private static IEnumerable<string> Devices => TestDevices.Names;

    private static Tensor Floats(string device, params float[] values) => Tensor.From(values, [values.Length], TestDevices.Get(device));

    [TestCaseSource(nameof(Devices))]
    public void Comparisons_OfSpecialValues_AreIeees(string device)
    {
        float nan = float.NaN, inf = float.PositiveInfinity;
        var a = Floats(device, nan, nan, 1, 0, inf, -inf, inf, 1, 2);
        var b = Floats(device, nan, 1, nan, -0f, inf, inf, 1, 2, 1);
        Assert.That(a.Equal(b).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 1, 0, 0, 0, 0 }));
        Assert.That(a.NotEqual(b).ToArray<byte>(), Is.EqualTo(new byte[] { 1, 1, 1, 0, 0, 1, 1, 1, 1 }));
        Assert.That(a.Less(b).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 0, 0, 0, 0, 1, 0, 1, 0 }));
        Assert.That(a.LessEqual(b).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 1, 1, 0, 1, 0 }));
        Assert.That(a.Greater(b).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 0, 0, 0, 0, 0, 1, 0, 1 }));
        Assert.That(a.GreaterEqual(b).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 0, 0, 1, 1, 0, 1, 0, 1 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Where_LeavesNoTraceOfANaNNotTaken(string device)
    {
        var a = Floats(device, float.NaN, 4).WithGrad();
        var b = Floats(device, -1, float.PositiveInfinity).WithGrad();
        var y = Tensor.Where(Tensor.From(new byte[] { 0, 1 }, [2], TestDevices.Get(device)), a, b);
        y.Backward(Floats(device, 5, 6));
        Assert.That(y.ToArray(), Is.EqualTo(new float[] { -1, 4 }));
        Assert.That(a.Grad!.ToArray(), Is.EqualTo(new float[] { 0, 6 }));
        Assert.That(b.Grad!.ToArray(), Is.EqualTo(new float[] { 5, 0 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Cast_ToWholeNumbers_TruncatesAndSaturates(string device)
    {
        var x = Floats(device, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2.9f, -2.9f, 255.9f, 256, -0.9f, 127.5f, -128.9f, -129, 3e9f, -3e9f, 2147483520);
        int most = int.MaxValue, least = int.MinValue;
        Assert.That(x.Cast(DType.Int32).ToArray<int>(), Is.EqualTo(new[] { 0, most, least, 2, -2, 255, 256, 0, 127, -128, -129, most, least, 2147483520 }));
        Assert.That(x.Cast(DType.UInt8).ToArray<byte>(), Is.EqualTo(new byte[] { 0, 255, 0, 2, 0, 255, 255, 0, 127, 0, 0, 255, 0, 255 }));
        Assert.That(x.Cast(DType.Int8).ToArray<sbyte>(), Is.EqualTo(new sbyte[] { 0, 127, -128, 2, -2, 127, 127, 0, 127, -128, -128, 127, -128, 127 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Cast_ToFloat16_RoundsAsHalfDoes(string device)
    {
        float[] values = [0, -0f, 1, -1.5f, 65504, 65519.99f, 65520, -1e9f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 6.1035156e-5f, 6.0975552e-5f,
            5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 1e-10f, -4e-7f, 1.00048828f, 1.00146484f, 3.14159274f, 2049, 2051];
        float[] spread = [.. Enumerable.Range(0, device == "emulated" ? 100 : 4000).Select(i => BitConverter.Int32BitsToSingle((int)(Philox.Word(3, (ulong)i) & 0xCFFFFFFF)))];
        float[] x = [.. values, .. spread];
        var halves = Floats(device, x).Cast(DType.Float16);
        Assert.That(halves.ToArray<Half>(), Is.EqualTo(x.Select(v => (Half)v)));
        Assert.That(halves.Cast(DType.Float32).ToArray(), Is.EqualTo(x.Select(v => (float)(Half)v)));
    }

    [TestCaseSource(nameof(Devices))]
    public void Cast_ToBFloat16_RoundsToNearestEven(string device)
    {
        var x = Floats(device, 1, -0f, 1.00390625f, 1.01171875f, 1.0039064f, float.PositiveInfinity, float.NaN, 3.4e38f, 1e-40f);
        Assert.That(x.Cast(DType.BFloat16).Cast(DType.Float32).ToArray(),
            Is.EqualTo(new[] { 1, -0f, 1, 1.015625f, 1.0078125f, float.PositiveInfinity, float.NaN, float.PositiveInfinity, 9.1835496e-41f }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Cast_OfLargeIntegers_RoundsToTheNearestFloat(string device)
    {
        var x = Tensor.From([int.MaxValue, int.MinValue, 16777217, 16777219, -5], [5], TestDevices.Get(device));
        if (device != "reference") Assert.That(x.Cast(DType.Float32).ToArray(), Is.EqualTo(new[] { 2147483648f, -2147483648f, 16777216, 16777220, -5 }));
        Assert.That(x.Cast(DType.UInt8).ToArray<byte>(), Is.EqualTo(new byte[] { 255, 0, 255, 255, 0 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Cast_PassesTheGradientThroughHalves_AndNotThroughIntegers(string device)
    {
        var x = Floats(device, 1.001f, 2).WithGrad();
        var y = (x.Cast(DType.BFloat16).Cast(DType.Float32) * 3).Sum();
        y.Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 3, 3 }));
        Assert.That(x.Cast(DType.Int32).RequiresGrad, Is.False);
        Assert.That(x.Cast(DType.Int32).Cast(DType.Float32).RequiresGrad, Is.False);
        Assert.That(x.Less(x).RequiresGrad, Is.False);
    }

    [TestCaseSource(nameof(Devices))]
    public void Dropout_KeepsItsShare_TheSameOnEveryDevice(string device)
    {
        int n = device == "emulated" ? 400 : 20_000;
        var y = Tensor.Ones([n], TestDevices.Get(device)).Dropout(0.25, new Rng(17)).ToArray();
        Assert.That(y, Is.EqualTo(Tensor.Ones([n], TestDevices.Reference).Dropout(0.25, new Rng(17)).ToArray()));
        Assert.That(y.Distinct().Order(), Is.EqualTo(new[] { 0, 4f / 3 }));
        Assert.That(y.Count(v => v > 0), Is.EqualTo(0.75 * n).Within(4 * Math.Sqrt(0.19 * n)));
    }

    [TestCaseSource(nameof(Devices))]
    public void Dropout_OfANaNDropped_IsZero(string device)
    {
        var x = Tensor.Full([64], double.NaN, TestDevices.Get(device));
        Assert.That(x.Dropout(0.5, new Rng(1)).ToArray(), Has.Some.EqualTo(0f).And.Some.NaN);
    }

    [Test]
    public void Dropout_DrawsWordsOnce_AndNoneForZero()
    {
        var rng = new Rng(1);
        var x = Tensor.Ones([5]);
        x.Dropout(0.5, rng);
        Assert.That(rng.Position, Is.EqualTo(8));
        Assert.That(x.Dropout(0, rng), Is.SameAs(x));
        Assert.That(rng.Position, Is.EqualTo(8));
    }

    [TestCase(1)]
    [TestCase(-0.1)]
    [TestCase(double.NaN)]
    public void Dropout_OfABadShare_SaysTheRange(double p)
        => Assert.That(() => Tensor.Ones([5]).Dropout(p, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("[0, 1)"));

    [Test]
    public void Where_OfAFloatCondition_NamesTheTypes()
        => Assert.That(() => Tensor.Where(Tensor.Ones([2]), Tensor.Ones([2]), Tensor.Ones([2])), Throws.TypeOf<DTypeException>().With.Message.Contains("UInt8"));

    [Test]
    public void Where_OfShapesThatDoNotBroadcast_NamesThem()
        => Assert.That(() => Tensor.Where(Tensor.Ones([3], dtype: DType.UInt8), Tensor.Ones([2]), Tensor.Ones([2])), Throws.TypeOf<ShapeException>().With.Message.Contains("Where: (3) and (2)"));

    [Test]
    public void Clamp_OfEndsTheWrongWayRound_SaysSo()
        => Assert.That(() => Tensor.Ones([2]).Clamp(1, 0), Throws.ArgumentException.With.Message.Contains("min is 1 and max 0"));

    [Test]
    public void Full_OfAValueTheTypeDoesNotHold_SaysItsRange()
        => Assert.That(() => Tensor.Full([2], 256, dtype: DType.UInt8), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 255"));
}
