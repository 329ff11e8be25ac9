using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class ElementwiseCases : IOpCases
{
    private static readonly int[] Sizes = [0, 1, 15, 16, 17, 33];

    public static IEnumerable<OpCase> All()
    {
        foreach (int n in Sizes)
        {
            yield return new($"Relu {n}", x => x[0].Relu(), Arg.AwayFromZero(n));
            yield return new($"Gelu {n}", x => x[0].Gelu(), Arg.Any(n));
            yield return new($"GeluTanh {n}", x => x[0].GeluTanh(), Arg.Any(n));
            yield return new($"Tanh {n}", x => x[0].Tanh(), Arg.Any(n));
            yield return new($"Multiply {n}", x => x[0] * x[1], Arg.Any(n), Arg.Any(n));
        }
        yield return new("Relu over a grain", x => x[0].Relu(), Arg.AwayFromZero(16385)) { Emulate = false };
        yield return new("Add over a grain", x => x[0] + x[1], Arg.Any(3, 8193), Arg.Any(8193)) { Emulate = false };
        foreach (var c in Unary().Concat(Curves()).Concat(Lines()).Concat(Binary()).Concat(Scalars())) yield return c;
    }

    private static IEnumerable<OpCase> Unary()
    {
        yield return new("Negate", x => -x[0], Arg.Any(17));
        yield return new("Abs", x => x[0].Abs(), Arg.AwayFromZero(17));
        yield return new("Exp", x => x[0].Exp(), Arg.Any(17));
        yield return new("Log", x => x[0].Log(), Arg.Positive(17));
        yield return new("Sqrt", x => x[0].Sqrt(), Arg.Positive(17));
        yield return new("Rsqrt", x => x[0].Rsqrt(), Arg.Positive(17));
        yield return new("LeakyRelu", x => x[0].LeakyRelu(), Arg.AwayFromZero(17));
        yield return new("LeakyRelu slope", x => x[0].LeakyRelu(-0.3), Arg.AwayFromZero(17));
        yield return new("Sigmoid", x => x[0].Sigmoid(), Arg.Any(17));
        yield return new("Silu", x => x[0].Silu(), Arg.Any(17));
        yield return new("Clamp", x => x[0].Clamp(-0.05, 1.99), Arg.AwayFromZero(17));
        yield return new("Clamp below", x => x[0].Clamp(0, double.PositiveInfinity), Arg.AwayFromZero(17));
    }

    private static IEnumerable<OpCase> Curves()
    {
        var functions = new (string Name, Func<Tensor, Tensor> Function)[]
        {
            ("Elu", x => x.Elu()), ("Elu alpha", x => x.Elu(0.3)), ("Selu", x => x.Selu()), ("Celu", x => x.Celu()), ("Celu alpha", x => x.Celu(0.4)),
            ("Mish", x => x.Mish()), ("Softplus", x => x.Softplus()), ("Softplus beta", x => x.Softplus(-1.5)), ("Softsign", x => x.Softsign()),
            ("Erf", x => x.Erf()), ("Sin", x => x.Sin()), ("Cos", x => x.Cos()),
        };
        foreach (var (name, f) in functions)
        {
            yield return new(name, x => f(x[0]), Arg.AwayFromZero(33));
            yield return new($"{name} of nothing", x => f(x[0]), Arg.Any(0));
            yield return new($"{name} over a wide range", x => f(x[0]), Wide(40, 17));
        }
        yield return new("Softplus beyond its threshold", x => x[0].Softplus(beta: 10, threshold: 15), Arg.AwayFromZero(33));
        yield return new("Sin of large numbers", x => x[0].Sin(), Wide(100_000, 33)) { HasGradient = false };
        yield return new("Cos of huge numbers", x => x[0].Cos(), Wide(1e9f, 33)) { HasGradient = false };
    }

    // Within ±bound, more of them near 0.
    private static Arg Wide(float bound, int count) => new([count], DType.Float32, (u, i) => (2 * u - 1) * (i % 3 == 0 ? bound : bound / 10), true);

    private static IEnumerable<OpCase> Lines()
    {
        // From −4.55 to 4.75 in steps of 0.3, so that no number is near a whole one or a half.
        var steps = new Arg([32], DType.Float32, (_, i) => 0.3f * i - 4.55f, true);
        var functions = new (string Name, Func<Tensor, Tensor> Function)[]
        {
            ("HardSigmoid", x => x.HardSigmoid()), ("HardSwish", x => x.HardSwish()), ("HardTanh", x => x.HardTanh()), ("HardTanh of wider ends", x => x.HardTanh(-2.2, 3.3)),
            ("Floor", x => x.Floor()), ("Ceil", x => x.Ceil()), ("Round", x => x.Round()), ("Sign", x => x.Sign()),
        };
        foreach (var (name, f) in functions)
        {
            yield return new(name, x => f(x[0]), steps);
            yield return new($"{name} of one number", x => f(x[0]), Arg.AwayFromZero(1));
        }
        foreach (var (name, f) in functions[4..])
            yield return new($"{name} at and between whole numbers", x => f(x[0]), new Arg([33], DType.Float32, (_, i) => 0.5f * i - 8, false)) { HasGradient = false };
    }

    private static IEnumerable<OpCase> Scalars()
    {
        yield return new("Add a number", x => x[0] + 1.5, Arg.Any(17));
        yield return new("Subtract a number", x => x[0] - 1.5, Arg.Any(17));
        yield return new("Subtract from a number", x => 1.5 - x[0], Arg.Any(17));
        yield return new("Multiply by a number", x => x[0] * -1.5, Arg.Any(17));
        yield return new("Divide by a number", x => x[0] / 3, Arg.Any(17));
        yield return new("Divide a number", x => 3 / x[0], Arg.AwayFromZero(17)) { Tolerance = 1e-4 };
        foreach (double power in new[] { 0, 1, 2, 3, -1, 4 })
            yield return new($"Pow {power}", x => x[0].Pow(power), Arg.AwayFromZero(17)) { Tolerance = 1e-4 };
        yield return new("Pow 0.5", x => x[0].Pow(0.5), Arg.Positive(17));
        yield return new("Pow -2.5", x => x[0].Pow(-2.5), Arg.Positive(17)) { Tolerance = 1e-4 };
    }

    private static IEnumerable<OpCase> Binary()
    {
        var operations = new (string Name, Func<Tensor, Tensor, Tensor> Function)[]
        {
            ("Add", (a, b) => a + b), ("Subtract", (a, b) => a - b), ("Multiply", (a, b) => a * b), ("Divide", (a, b) => a / b),
            ("Power", (a, b) => a.Pow(b)), ("Minimum", Tensor.Minimum), ("Maximum", Tensor.Maximum),
        };
        foreach (var (name, f) in operations)
        {
            yield return new(name, x => f(x[0], x[1]), Arg.Positive(3, 5), Arg.Positive(3, 5));
            yield return new($"{name} row", x => f(x[0], x[1]), Arg.Positive(3, 17), Arg.Positive(17));
            yield return new($"{name} column", x => f(x[0], x[1]), Arg.Positive(3, 1), Arg.Positive(3, 5));
            yield return new($"{name} scalar", x => f(x[0], x[1]), Arg.Positive(3, 5), Arg.Positive());
            yield return new($"{name} outer", x => f(x[0], x[1]), Arg.Positive(4, 1, 3), Arg.Positive(1, 17, 1));
            yield return new($"{name} of nothing", x => f(x[0], x[1]), Arg.Positive(3, 0), Arg.Positive(1));
        }
        yield return new("Minimum of a tie", x => Tensor.Minimum(x[0], x[0] * 1), Arg.Any(5)) { HasGradient = false };
        yield return new("Power of negative numbers", x => x[0].Pow(x[1]), Arg.AwayFromZero(17), new Arg([17], DType.Float32, (_, i) => i % 7 - 3, false)) { Tolerance = 2e-4 };
    }
}
