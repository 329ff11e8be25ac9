using Engine.Core;
using Engine.Kernels;
using ILGPU;

namespace Engine.Tests;

/// <summary>An op as a user writes it: spans on the processor, a kernel of his own on a GPU.</summary>
public class UserOpTests
{
    /// <summary>y = x³ + c.</summary>
    private sealed class Cube(float c) : Op
    {
        public override string Name => "Cube";

        public override string Attributes => $"c={c}";

        public override Tensor Forward()
        {
            var x = Input(0);
            var y = NewTensor(x.Shape);
            if (x.Device is GpuDevice gpu) gpu.Launch(CubeKernel, gpu.Linear(x.Count), gpu.Array<float>(x.View), gpu.Array<float>(y.View), c);
            else if (x.Device is ReferenceDevice) Compute(Read<double>(x), Write<double>(y));
            else Compute(Read<float>(x), Write<float>(y));
            Save(x);
            return y;
        }

        public override Tensor?[] Backward(Tensor dy)
        {
            // dx = 3x² dy, composed of ops of the engine.
            var x = Saved(0);
            return [x * x * dy * Tensor.Scalar(3, dy.Device)];
        }

        private void Compute(ReadOnlySpan<double> x, Span<double> y)
        {
            for (int i = 0; i < x.Length; i++) y[i] = x[i] * x[i] * x[i] + c;
        }

        private void Compute(ReadOnlySpan<float> x, Span<float> y)
        {
            for (int i = 0; i < x.Length; i++) y[i] = x[i] * x[i] * x[i] + c;
        }

        private static void CubeKernel(ArrayView<float> x, ArrayView<float> y, float c)
        {
            int i = Grid.GlobalIndex.X;
            if (i < x.IntLength) y[i] = x[i] * x[i] * x[i] + c;
        }
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void AnOpOfOnesOwn_RunsOnEveryDevice(string device)
    {
        var x = Tensor.From([1f, -2f, 3f], [3], TestDevices.Get(device)).WithGrad();
        var y = Op.Apply(new Cube(10), x);
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 11f, 2f, 37f }));
        y.Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 3f, 12f, 27f }));
    }

    [Test]
    public void AnOpOfOnesOwn_PassesTheGradientCheck()
        => Assert.That(GradientCheck.Run(x => Op.Apply(new Cube(1), x[0]), [Tensor.From([1.0, -2.0, 0.5], [3], TestDevices.Reference).WithGrad()]), Is.LessThan(1e-6));

    [Test]
    public void AnOpIsUsedOnce()
    {
        var op = new Cube(1);
        Op.Apply(op, Tensor.Ones([1]));
        Assert.That(() => Op.Apply(op, Tensor.Ones([1])), Throws.InvalidOperationException.With.Message.Contains("applied before"));
    }

    /// <summary>Wrong in every way that can be asked for.</summary>
    private sealed class Wrong(Func<Wrong, Tensor> forward, Func<Tensor, Tensor?[]>? backward = null) : Op
    {
        public override string Name => "Wrong";

        public Tensor X => Input(0);

        public override Tensor Forward() => forward(this);

        public override Tensor?[] Backward(Tensor dy) => backward!(dy);

        public Tensor ReadAs<T>() where T : unmanaged
        {
            Read<T>(X);
            return X;
        }
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        Assert.That(() => Op.Apply(new Wrong(op => op.ReadAs<int>()), Tensor.Ones([1])), Throws.TypeOf<DTypeException>().With.Message.Contains("holds Float32, which is not Int32"));
        Assert.That(() => Op.Apply(new Wrong(op => op.ReadAs<float>()), Tensor.Ones([1], TestDevices.Reference)), Throws.TypeOf<DTypeException>().With.Message.Contains("double"));
        var x = Tensor.Ones([2]).WithGrad();
        Assert.That(() => Op.Apply(new Wrong(op => op.X.Clone(), _ => []), x).Sum().Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("0 gradients for 1 inputs"));
        Assert.That(() => Op.Apply(new Wrong(op => op.X.Clone(), _ => [Tensor.Ones([3])]), x).Sum().Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("(3) for input 0, which is (2)"));
        Assert.That(() => Op.Apply(new Wrong(op => op.X), Tensor.Ones([1]), Tensor.Ones([1], TestDevices.Reference)), Throws.TypeOf<DeviceException>().With.Message.Contains("input 1"));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Read_OnAGpu_PointsToLaunch(string device)
    {
        if (TestDevices.Get(device) is GpuDevice gpu)
            Assert.That(() => Op.Apply(new Wrong(op => op.ReadAs<float>()), Tensor.Ones([1], gpu)), Throws.TypeOf<DeviceException>().With.Message.Contains("launch a kernel"));
    }
}
