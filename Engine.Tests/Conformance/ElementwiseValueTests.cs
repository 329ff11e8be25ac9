using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Elementwise functions where numbers are special, and where they are large or small: on every device as the formula has it.</summary>
public class ElementwiseValueTests
{
    private static readonly float[] Special =
        [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, 2f, -3f, 0.5f, -0.5f, 1e-30f, -1e-30f, 1e30f, -1e30f];

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Unary = new()
    {
        ["Negate"] = x => -x,
        ["Abs"] = x => x.Abs(),
        ["Exp"] = x => x.Exp(),
        ["Log"] = x => x.Log(),
        ["Sqrt"] = x => x.Sqrt(),
        ["Rsqrt"] = x => x.Rsqrt(),
        ["Relu"] = x => x.Relu(),
        ["LeakyRelu"] = x => x.LeakyRelu(0.25),
        ["Gelu"] = x => x.Gelu(),
        ["GeluTanh"] = x => x.GeluTanh(),
        ["Sigmoid"] = x => x.Sigmoid(),
        ["Tanh"] = x => x.Tanh(),
        ["Silu"] = x => x.Silu(),
        ["Elu"] = x => x.Elu(),
        ["Elu 0.3"] = x => x.Elu(0.3),
        ["Selu"] = x => x.Selu(),
        ["Celu"] = x => x.Celu(),
        ["Celu -2"] = x => x.Celu(-2),
        ["Mish"] = x => x.Mish(),
        ["Softplus"] = x => x.Softplus(),
        ["Softplus 0.5, 1"] = x => x.Softplus(0.5, 0.75),
        ["Softplus, no threshold"] = x => x.Softplus(threshold: double.PositiveInfinity),
        ["Softsign"] = x => x.Softsign(),
        ["HardSigmoid"] = x => x.HardSigmoid(),
        ["HardSwish"] = x => x.HardSwish(),
        ["HardTanh"] = x => x.HardTanh(),
        ["HardTanh to 0"] = x => x.HardTanh(-3, 0),
        ["Erf"] = x => x.Erf(),
        ["Sin"] = x => x.Sin(),
        ["Cos"] = x => x.Cos(),
        ["Floor"] = x => x.Floor(),
        ["Ceil"] = x => x.Ceil(),
        ["Round"] = x => x.Round(),
        ["Sign"] = x => x.Sign(),
        ["Clamp"] = x => x.Clamp(-0.5, 1),
        ["Clamp to 0"] = x => x.Clamp(0, 1),
        ["AddScalar"] = x => x + 1.5,
        ["SubtractFrom"] = x => 1.5 - x,
        ["MultiplyScalar"] = x => x * -2,
        ["DivideScalar"] = x => x / -4,
        ["DivideInto"] = x => 2 / x,
        ["PowScalar 0"] = x => x.Pow(0),
        ["PowScalar 1"] = x => x.Pow(1),
        ["PowScalar 2"] = x => x.Pow(2),
        ["PowScalar 3"] = x => x.Pow(3),
        ["PowScalar 0.5"] = x => x.Pow(0.5),
        ["PowScalar -1"] = x => x.Pow(-1),
        ["PowScalar -2.5"] = x => x.Pow(-2.5),
    };

    private static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> Binary = new()
    {
        ["Add"] = (a, b) => a + b,
        ["Subtract"] = (a, b) => a - b,
        ["Multiply"] = (a, b) => a * b,
        ["Divide"] = (a, b) => a / b,
        ["Power"] = (a, b) => a.Pow(b),
        ["Minimum"] = Tensor.Minimum,
        ["Maximum"] = Tensor.Maximum,
    };

    internal static IEnumerable<string> UnaryNames => Unary.Keys;

    private static IEnumerable<TestCaseData> UnaryByDevice() => ByDevice(Unary.Keys);

    private static IEnumerable<TestCaseData> BinaryByDevice() => ByDevice(Binary.Keys);

    private static IEnumerable<TestCaseData> ByDevice(IEnumerable<string> names)
        => from name in names from device in TestDevices.Compared select new TestCaseData(name, device);

    [TestCaseSource(nameof(UnaryByDevice))]
    public void Unary_OfSpecialValues_IsTheReferences(string name, string device)
    {
        var (expected, expectedGradient) = Run(TestDevices.Reference);
        var (actual, gradient) = Run(TestDevices.Get(device));
        for (int i = 0; i < Special.Length; i++)
        {
            AssertSame(actual[i], expected[i], true, $"{name}({Special[i]})");
            AssertSame(gradient[i], expectedGradient[i], false, $"{name}'({Special[i]})");
        }

        (float[], float[]) Run(Device d)
        {
            var x = Tensor.From(Special, [Special.Length], d).WithGrad();
            var y = Unary[name](x);
            y.Backward(Tensor.Ones(y.Shape, d));
            return (y.ToArray(), x.Grad!.ToArray());
        }
    }

    [TestCaseSource(nameof(BinaryByDevice))]
    public void Binary_OfSpecialValues_IsTheReferences(string name, string device)
    {
        var (expected, expectedA, expectedB) = Run(TestDevices.Reference);
        var (actual, gradientA, gradientB) = Run(TestDevices.Get(device));
        for (int i = 0; i < expected.Length; i++)
        {
            string what = $"({Special[i / Special.Length]}, {Special[i % Special.Length]})";
            AssertSame(actual[i], expected[i], true, name + what);
            AssertSame(gradientA[i], expectedA[i], false, $"∂{name}/∂a{what}");
            AssertSame(gradientB[i], expectedB[i], false, $"∂{name}/∂b{what}");
        }

        (float[], float[], float[]) Run(Device d)
        {
            int n = Special.Length;
            var a = Tensor.From(Enumerable.Range(0, n * n).Select(i => Special[i / n]).ToArray(), [n * n], d).WithGrad();
            var b = Tensor.From(Enumerable.Range(0, n * n).Select(i => Special[i % n]).ToArray(), [n * n], d).WithGrad();
            var y = Binary[name](a, b);
            y.Backward(Tensor.Ones(y.Shape, d));
            return (y.ToArray(), a.Grad!.ToArray(), b.Grad!.ToArray());
        }
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Compared))]
    public void Functions_AreAccurateRelatively(string device)
    {
        Check(x => x.Exp(), Math.Exp, 1e-6, Between(-87, 88));
        Check(x => x.Log(), Math.Log, 1e-6, [.. Between(-80, 80).Select(v => MathF.Exp(v)), .. Between(0.9f, 1.1f)]);
        Check(x => x.Tanh(), Math.Tanh, 1e-6, [.. Between(-10, 10), .. Between(-0.3f, 0.3f), 1e-10f, 50, -50]);
        Check(x => x.Sigmoid(), v => 1 / (1 + Math.Exp(-v)), 1e-6, [.. Between(-86, 40)]);
        Check(x => x.Silu(), v => v / (1 + Math.Exp(-v)), 1e-6, Between(-86, 40));
        Check(x => x.Gelu(), v => v * DoubleMath.NormalCdf(v), 1e-5, Between(-12, 12));
        Check(x => x.GeluTanh(), v => v / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))), 1e-5, Between(-9, 12));
        Check(x => x.Elu(), v => v > 0 ? v : DoubleMath.Expm1(v), 1e-6, [.. Between(-90, 5), .. Between(-0.6f, 0.1f), -1e-10f]);
        Check(x => x.Mish(), v => v * Math.Tanh(DoubleMath.Softplus(v)), 1e-6, [.. Between(-86, 40), .. Between(-0.1f, 0.1f)]);
        Check(x => x.Softplus(), DoubleMath.Softplus, 1e-6, Between(-86, 19));
        Check(x => x.Erf(), DoubleMath.Erf, 1e-6, [.. Between(-5, 5), .. Between(-0.6f, 0.6f), 1e-10f]);
        Check(x => x.Sin(), v => Math.Sin(v), 1e-6, [.. Between(-4, 4), .. Between(-1e5f, 1e5f), .. Between(-1e9f, 1e9f), .. Between(-3e38f, 3e38f), .. NearPi()]);
        Check(x => x.Cos(), v => Math.Cos(v), 1e-6, [.. Between(-4, 4), .. Between(-1e5f, 1e5f), .. Between(-1e9f, 1e9f), .. Between(-3e38f, 3e38f), .. NearPi()]);
        Check(x => x.Pow(2.5), v => Math.Pow(v, 2.5), 1e-5, Between(1e-3f, 1e4f));

        void Check(Func<Tensor, Tensor> function, Func<double, double> formula, double tolerance, float[] values)
        {
            float[] y = function(Tensor.From(values, [values.Length], TestDevices.Get(device))).ToArray();
            double worst = 0;
            int at = 0;
            for (int i = 0; i < y.Length; i++)
            {
                double expected = formula(values[i]), error = expected == y[i] ? 0 : Math.Abs(y[i] - expected) / Math.Abs(expected);
                if (!(error <= worst)) (worst, at) = (error, i);
            }
            TestContext.Out.WriteLine($"{worst:E2} at {values[at]}");
            Assert.That(worst, Is.LessThan(tolerance), $"at {values[at]}: {y[at]} and not {formula(values[at])}");
        }

        // The floats nearest to multiples of π/2, where one of the two is nearly 0 and a reduction in too few digits leaves nothing of it.
        static IEnumerable<float> NearPi() => Enumerable.Range(0, 2000).Select(i => (float)(i * 37 * Math.PI / 2));

        static float[] Between(float low, float high) => [.. Enumerable.Range(0, 400).Select(i => low + (high - low) * i / 399)];
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Tails_AreRight(string device)
    {
        var d = TestDevices.Get(device);
        Assert.That(Tensor.Scalar(-100, d).Sigmoid().Item(), Is.EqualTo(3.72e-44).Within(1e-43));
        Assert.That(Tensor.Scalar(100, d).Sigmoid().Item(), Is.EqualTo(1));
        Assert.That(Tensor.Scalar(-50, d).Tanh().Item(), Is.EqualTo(-1));
        Assert.That(Tensor.Scalar(-10, d).Gelu().Item(), Is.EqualTo(-7.619853e-23).Within(1e-28));
        Assert.That(Tensor.Scalar(10, d).Gelu().Item(), Is.EqualTo(10));
        Assert.That(Tensor.Scalar(-200, d).Exp().Item(), Is.EqualTo(0).Within(1e-80));
    }

    // Φ to sixteen digits. Source: Abramowitz and Stegun, table 26.1.
    [TestCase(0, 0.5)]
    [TestCase(1, 0.841344746068543)]
    [TestCase(2, 0.977249868051821)]
    [TestCase(3, 0.998650101968370)]
    [TestCase(4, 0.999968328758167)]
    [TestCase(-1, 0.158655253931457)]
    [TestCase(-4, 3.16712418331e-5)]
    [TestCase(-5, 2.86651571879e-7)]
    public void NormalCdf_IsThePublishedTables(double x, double expected)
        => Assert.That(DoubleMath.NormalCdf(x), Is.EqualTo(expected).Within(1e-11 * expected));

    // erf to ten digits. Source: Abramowitz and Stegun, table 7.1.
    [TestCase(0.1, 0.1124629160)]
    [TestCase(0.5, 0.5204998778)]
    [TestCase(1, 0.8427007929)]
    [TestCase(-2, -0.9953222650)]
    public void Erf_IsThePublishedTables(double x, double expected)
    {
        Assert.That(DoubleMath.Erf(x), Is.EqualTo(expected).Within(1e-10));
        foreach (string device in TestDevices.Names)
            Assert.That(Tensor.Scalar(x, TestDevices.Get(device)).Erf().Item(), Is.EqualTo(expected).Within(2e-7), device);
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Round_TakesTheEvenOfTwo(string device)
    {
        var x = Tensor.From([-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 0.49999997f, 8388607.5f, 16777216f, float.NaN], [10], TestDevices.Get(device));
        Assert.That(x.Round().ToArray(), Is.EqualTo(new[] { -2f, -2f, -0f, 0f, 2f, 2f, 0f, 8388608f, 16777216f, float.NaN }));
    }

    [Test]
    public void Activations_RefuseSettingsWithoutMeaning()
    {
        var x = Tensor.Zeros([1]);
        Assert.That(() => x.Celu(0), Throws.ArgumentException.With.Message.Contains("alpha is 0"));
        Assert.That(() => x.Softplus(0), Throws.ArgumentException.With.Message.Contains("beta is 0"));
        Assert.That(() => x.Softplus(double.NaN), Throws.ArgumentException);
        Assert.That(() => x.HardTanh(1, 1), Throws.ArgumentException.With.Message.Contains("min must be less"));
    }

    private static void AssertSame(float actual, float expected, bool signOfZero, string what)
    {
        if (float.IsNaN(expected) || float.IsInfinity(expected)) Assert.That(actual, Is.EqualTo(expected), what);
        else if (expected == 0 && signOfZero) Assert.That(BitConverter.SingleToInt32Bits(actual), Is.EqualTo(BitConverter.SingleToInt32Bits(expected)), what);
        else Assert.That(actual, Is.EqualTo(expected).Within(1e-5 * Math.Abs(expected) + 1e-37), what);
    }
}
