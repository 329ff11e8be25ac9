using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

/// <summary>Published and small examples of what moves numbers about, and mistakes by name.</summary>
public class ArrangementTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    private static Tensor Counted(params int[] shape) => Tensor.Arange(new Shape(shape).Count).Reshape(shape);

    /// <summary>The example on PyTorch's page on ReflectionPad2d.</summary>
    [Test]
    public void Pad_Reflect_OfPyTorchsExample_GivesItsNumbers()
        => Assert.That(Counted(1, 1, 3, 3).Pad([(2, 2), (2, 2)], PadMode.Reflect).ToArray(), Is.EqualTo(new float[]
        {
            8, 7, 6, 7, 8, 7, 6,
            5, 4, 3, 4, 5, 4, 3,
            2, 1, 0, 1, 2, 1, 0,
            5, 4, 3, 4, 5, 4, 3,
            8, 7, 6, 7, 8, 7, 6,
            5, 4, 3, 4, 5, 4, 3,
            2, 1, 0, 1, 2, 1, 0,
        }));

    /// <summary>The second example on PyTorch's page on ReplicationPad2d: (1, 1, 2, 0) there, last axis first.</summary>
    [Test]
    public void Pad_Replicate_OfPyTorchsExample_GivesItsNumbers()
        => Assert.That(Counted(1, 1, 3, 3).Pad([(2, 0), (1, 1)], PadMode.Replicate).ToArray(), Is.EqualTo(new float[]
        {
            0, 0, 1, 2, 2,
            0, 0, 1, 2, 2,
            0, 0, 1, 2, 2,
            3, 3, 4, 5, 5,
            6, 6, 7, 8, 8,
        }));

    [Test]
    public void Pad_Constant_OfEachType_KeepsTheType()
    {
        Assert.That(Counted(2, 2).Pad([(1, 0), (0, 1)], value: 9).ToArray(), Is.EqualTo(new float[] { 9, 9, 9, 0, 1, 9, 2, 3, 9 }));
        Assert.That(Tensor.From([1, 2], [2]).Pad([(1, 2)], value: -1).ToArray<int>(), Is.EqualTo(new[] { -1, 1, 2, -1, -1 }));
        Assert.That(() => Tensor.From(new byte[] { 1 }, [1]).Pad([(1, 2)], value: 256), Throws.TypeOf<ArgumentOutOfRangeException>());
        var x = Counted(2, 2);
        Assert.That(x.Pad([(0, 0)], PadMode.Reflect), Is.SameAs(x));
    }

    [TestCaseSource(nameof(Devices))]
    public void Pad_GradientOfAnEdge_IsTheSumOfItsCopies(string device)
    {
        var x = Tensor.From([1f, 2, 3], [3], TestDevices.Get(device)).WithGrad();
        x.Pad([(2, 1)], PadMode.Replicate).Backward(Tensor.From([1f, 2, 4, 8, 16, 32], [6], x.Device));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 7, 8, 48 }));
        x.Grad = null;
        x.Pad([(2, 1)], PadMode.Reflect).Backward(Tensor.From([1f, 2, 4, 8, 16, 32], [6], x.Device));
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 4, 42, 17 }));
    }

    [Test]
    public void Pad_OfBadPadding_SaysTheMend()
    {
        var x = Counted(2, 3);
        Assert.That(() => x.Pad([(1, -1)]), Throws.TypeOf<ShapeException>().With.Message.Contains("axis 1 of (2, 3) is to be padded by (1, -1)").And.Message.Contains("slice"));
        Assert.That(() => x.Pad([(0, 0), (1, 1), (1, 1)]), Throws.TypeOf<ShapeException>().With.Message.Contains("3 pairs"));
        Assert.That(() => x.Pad([(3, 0)], PadMode.Reflect), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 2"));
        Assert.That(() => Tensor.Zeros([2, 0]).Pad([(1, 0)], PadMode.Reflect), Throws.TypeOf<ShapeException>().With.Message.Contains("at most 0"));
        Assert.That(() => Tensor.Zeros([2, 0]).Pad([(1, 0)], PadMode.Replicate), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
        Assert.That(() => x.Pad([(int.MaxValue, int.MaxValue)]), Throws.TypeOf<ShapeException>().With.Message.Contains("more than an axis holds"));
        Assert.That(() => x.Pad([(1 << 20, 0), (1 << 20, 0)]), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.Pad([(1, 1)], (PadMode)7), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>The examples on PyTorch's pages on flip, roll, tile, outer and one_hot.</summary>
    [TestCaseSource(nameof(Devices))]
    public void Rearrangements_OfPyTorchsExamples_GiveTheirNumbers(string name)
    {
        var device = TestDevices.Get(name);
        var cube = Tensor.Arange(8, device).Reshape(2, 2, 2);
        Assert.That(cube.Flip(0, 1).ToArray(), Is.EqualTo(new float[] { 6, 7, 4, 5, 2, 3, 0, 1 }));
        var x = Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8], [4, 2], device);
        Assert.That(x.Roll(1, 0).ToArray(), Is.EqualTo(new float[] { 7, 8, 1, 2, 3, 4, 5, 6 }));
        Assert.That(x.Roll(-1, 0).ToArray(), Is.EqualTo(new float[] { 3, 4, 5, 6, 7, 8, 1, 2 }));
        Assert.That(x.Roll(2, 0).Roll(1, 1).ToArray(), Is.EqualTo(new float[] { 6, 5, 8, 7, 2, 1, 4, 3 }));
        Assert.That(x.Flatten().Roll(1, 0).ToArray(), Is.EqualTo(new float[] { 8, 1, 2, 3, 4, 5, 6, 7 }));
        Assert.That(Tensor.From([1f, 2, 3], [3], device).Tile(2).ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 1, 2, 3 }));
        Assert.That(Tensor.From([1f, 2, 3, 4], [2, 2], device).Tile(2, 2).ToArray(), Is.EqualTo(new float[] { 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4 }));
        Assert.That(Tensor.From([1f, 2, 3, 4], [2, 2], device).RepeatInterleave(2, 1).ToArray(), Is.EqualTo(new float[] { 1, 1, 2, 2, 3, 3, 4, 4 }));
        Assert.That(Tensor.From([1f, 2, 3, 4], [4], device).Outer(Tensor.From([1f, 2, 3], [3], device)).ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12 }));
        Assert.That(Tensor.From([0, 1, 2, 0, 1], [5], device).OneHot(3).ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0 }));
        Assert.That(Tensor.Stack([Tensor.From([1f, 2], [2], device), Tensor.From([3f, 4], [2], device)], 1).ToArray(), Is.EqualTo(new float[] { 1, 3, 2, 4 }));
    }

    [TestCaseSource(nameof(Devices))]
    public void Triangles_KeepOneSide_AndLeaveNoTraceOfTheOther(string device)
    {
        float nan = float.NaN;
        var x = Tensor.From([1, nan, nan, 4, 5, float.PositiveInfinity], [2, 3], TestDevices.Get(device)).WithGrad();
        var lower = x.Tril();
        Assert.That(lower.ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 4, 5, 0 }));
        lower.Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 1, 1, 0 }));
        Assert.That(x.Tril(int.MinValue).ToArray(), Is.All.Zero);
        Assert.That(x.Tril(int.MaxValue).ToArray(), Is.EqualTo(x.ToArray()));
        var y = Tensor.From([1f, 2, 3, 4, 5, 6], [2, 3], TestDevices.Get(device));
        Assert.That(y.Triu().ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 0, 5, 6 }));
        Assert.That(y.Triu(1).ToArray(), Is.EqualTo(new float[] { 0, 2, 3, 0, 0, 6 }));
        Assert.That(y.Tril(-1).ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 4, 0, 0 }));
        Assert.That(y.Diagonal().ToArray(), Is.EqualTo(new float[] { 1, 5 }));
        Assert.That(y.Diagonal(1).ToArray(), Is.EqualTo(new float[] { 2, 6 }));
        Assert.That(y.Diagonal(int.MinValue).Count, Is.Zero);
    }

    [TestCaseSource(nameof(Devices))]
    public void OneHot_OfAClassThatIsNotThere_IsRefused(string device)
        => Assert.That(() => Tensor.From([0, 3], [2], TestDevices.Get(device)).OneHot(3).ToArray(), Throws.TypeOf<IndexException>().With.Message.Contains("3"));

    [Test]
    public void Mistakes_AreNamed()
    {
        var x = Counted(2, 3);
        Assert.That(() => x.Flip(0, -2), Throws.TypeOf<ShapeException>().With.Message.Contains("twice"));
        Assert.That(() => x.Flip(2), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.Roll(1, 2), Throws.TypeOf<ShapeException>());
        Assert.That(x.Roll(int.MinValue, 1).ToArray(), Is.EqualTo(x.Roll(1, 1).ToArray()));
        Assert.That(() => Tensor.Stack([]), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Stack([x, Counted(3, 2)]), Throws.TypeOf<ShapeException>().With.Message.Contains("input 1, (3, 2)"));
        Assert.That(() => Tensor.Stack([x], 3), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.Tile(2, -1), Throws.TypeOf<ShapeException>().With.Message.Contains("-1 times"));
        Assert.That(() => Tensor.Zeros([65_536]).Tile(65_536), Throws.TypeOf<ShapeException>().With.Message.Contains("Tile"));
        Assert.That(() => x.Tile(50_000, 50_000), Throws.TypeOf<ShapeException>().With.Message.Contains("Split"));
        Assert.That(() => x.RepeatInterleave(-1, 0), Throws.TypeOf<ShapeException>());
        Assert.That(() => x.RepeatInterleave(int.MaxValue, 0), Throws.TypeOf<ShapeException>().With.Message.Contains("RepeatInterleave"));
        Assert.That(() => x.Outer(Counted(3)), Throws.TypeOf<ShapeException>().With.Message.Contains("vectors"));
        Assert.That(() => Counted(3).Tril(), Throws.TypeOf<ShapeException>().With.Message.StartsWith("Tril: (3)"));
        Assert.That(() => Tensor.From([1, 2], [1, 2]).Triu(), Throws.TypeOf<DTypeException>().With.Message.StartsWith("Triu"));
        Assert.That(() => x.Diagonal(0, 1, -1), Throws.TypeOf<ShapeException>().With.Message.Contains("twice"));
        Assert.That(() => x.OneHot(3), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
        Assert.That(() => Tensor.From([0], [1]).OneHot(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Tensor.Zeros([65_536], dtype: DType.Int32).OneHot(65_536), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void StridedCopy_Backward_StaysWithinItsView()
    {
        View x = Counted(12).View, y = Tensor.Zeros([4]).View;
        Assert.That(() => Device.Cpu.StridedCopy(x, y, CopySizes.Merge([4], [-1], [1], 2)), Throws.ArgumentException.With.Message.Contains("does not stay within"));
        Assert.That(() => Device.Cpu.StridedCopy(x, y, CopySizes.Merge([4], [-1], [1], 12)), Throws.ArgumentException.With.Message.Contains("does not stay within"));
        Device.Cpu.StridedCopy(x, y, CopySizes.Merge([4], [-1], [1], 3));
    }
}
