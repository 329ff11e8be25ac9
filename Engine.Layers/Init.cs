using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>How a parameter's first numbers are drawn.</summary>
public sealed partial class Init
{
    private readonly Func<Shape, Rng, Tensor> draw;

    private Init(Func<Shape, Rng, Tensor> draw) => this.draw = draw;

    /// <summary>A rule of one's own.</summary>
    public static Init From(Func<Shape, Rng, Tensor> draw) => new(draw);

    /// <summary>Nothing is drawn, and no memory touched: for what is to be loaded.</summary>
    internal static Init Unset { get; } = new((shape, _) => Tensor.Empty(shape, Device.Cpu));

    /// <summary>All zero.</summary>
    public static Init Zeros { get; } = Constant(0);

    /// <summary>All one.</summary>
    public static Init Ones { get; } = Constant(1);

    /// <summary>All the same.</summary>
    public static Init Constant(double value) => new((shape, _) => Tensor.Full(shape, value));

    /// <summary>Uniform in [low, high).</summary>
    public static Init Uniform(double low, double high) => new((shape, rng) => Tensor.Uniform(shape, rng, low, high));

    /// <summary>Normal.</summary>
    public static Init Normal(double mean = 0, double deviation = 1) => new((shape, rng) => Tensor.Normal(shape, rng, mean, deviation));

    /// <summary>Uniform in ±gain·√(3 / fan): the variance of what flows is kept, forward by the inputs' fan, backward by the outputs'.</summary>
    /// <remarks>Source: He, Zhang, Ren and Sun 2015, arXiv:1502.01852.</remarks>
    public static Init KaimingUniform(double gain = Gain.Relu, bool fanOut = false)
        => Symmetric(fans => gain * Math.Sqrt(3.0 / Fan(fans, fanOut)));

    /// <summary>Normal with deviation gain / √fan.</summary>
    /// <inheritdoc cref="KaimingUniform"/>
    public static Init KaimingNormal(double gain = Gain.Relu, bool fanOut = false)
        => Centred(fans => gain / Math.Sqrt(Fan(fans, fanOut)));

    /// <summary>Uniform in ±gain·√(6 / (fan in + fan out)): between what forward and backward ask for. Keras calls it Glorot.</summary>
    /// <remarks>Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".</remarks>
    public static Init XavierUniform(double gain = Gain.Linear)
        => Symmetric(fans => gain * Math.Sqrt(6.0 / Math.Max(1, fans.In + fans.Out)));

    /// <summary>Normal with deviation gain·√(2 / (fan in + fan out)).</summary>
    /// <inheritdoc cref="XavierUniform"/>
    public static Init XavierNormal(double gain = Gain.Linear)
        => Centred(fans => gain * Math.Sqrt(2.0 / Math.Max(1, fans.In + fans.Out)));

    /// <summary>Uniform in ±√(3 / fan in): for <see cref="Selu"/>, and where no activation follows.</summary>
    /// <remarks>Source: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp".</remarks>
    public static Init LecunUniform() => KaimingUniform(Gain.Linear);

    /// <summary>Normal with deviation √(1 / fan in), and nothing beyond two deviations of the normal that was cut, as Keras has it.</summary>
    /// <inheritdoc cref="LecunUniform"/>
    public static Init LecunNormal() => new((shape, rng) => TruncatedNormal(0, 1 / (Math.Sqrt(Fan(Fans.Of(shape), false)) * DeviationWithinTwo)).Draw(shape, rng));

    /// <summary>Draws the numbers of one parameter.</summary>
    public Tensor Draw(Shape shape, Rng rng) => draw(shape, rng);

    /// <summary>Draws several weights of as many columns, each on its own, as the rows of one.</summary>
    internal Tensor DrawStacked(int columns, Rng rng, params int[] rows)
        => this == Unset ? Draw([rows.Sum(), columns], rng) : Tensor.Concat([.. rows.Select(count => Draw([count, columns], rng))]);

    private static Init Symmetric(Func<Fans, double> bound) => new((shape, rng) =>
    {
        double b = bound(Fans.Of(shape));
        return Tensor.Uniform(shape, rng, -b, b);
    });

    private static Init Centred(Func<Fans, double> deviation)
        => new((shape, rng) => Tensor.Normal(shape, rng, 0, deviation(Fans.Of(shape))));

    private static int Fan(Fans fans, bool fanOut) => Math.Max(1, fanOut ? fans.Out : fans.In);
}

/// <summary>How many numbers flow into and out of one unit of a layer.</summary>
/// <param name="In">Into one output.</param>
/// <param name="Out">Out of one input.</param>
public readonly record struct Fans(int In, int Out)
{
    /// <summary>The fans of a weight (out, in, …kernel): its first two axes, each times the kernel's size.</summary>
    /// <exception cref="ShapeException">It has fewer than two axes.</exception>
    public static Fans Of(Shape weight)
    {
        if (weight.Rank < 2) throw new ShapeException($"A weight of shape {weight} has no fans: it needs (out, in, …). Give it Init.Uniform or Init.Constant.");
        int kernel = weight.Product(2, weight.Rank);
        return new Fans(weight[1] * kernel, weight[0] * kernel);
    }
}

/// <summary>By how much a weight's deviation makes up for what the activation after it takes away.</summary>
/// <remarks>1 / √E[f(z)²] for normal z where that has a closed form.</remarks>
public static class Gain
{
    /// <summary>No activation, or a sigmoid.</summary>
    public const double Linear = 1;

    /// <summary>√2: half of the variance is cut.</summary>
    public const double Relu = 1.4142135623730951;

    /// <summary>5/3, PyTorch's convention.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>√(2 / (1 + slope²)).</summary>
    public static double LeakyRelu(double slope = 0.01) => Math.Sqrt(2 / (1 + slope * slope));
}
