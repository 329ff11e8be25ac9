namespace Engine.Core;

/// <summary>A size, stride, padding or dilation along height and width. One number means both: <c>stride: 2</c>, <c>kernelSize: (3, 5)</c>.</summary>
/// <param name="Height">Along the rows.</param>
/// <param name="Width">Along the columns.</param>
public readonly record struct Pair(int Height, int Width)
{
    /// <summary>The same both ways.</summary>
    public static implicit operator Pair(int both) => new(both, both);

    /// <summary>Height, then width.</summary>
    public static implicit operator Pair((int Height, int Width) pair) => new(pair.Height, pair.Width);

    /// <summary>"3", or "3×5" where they differ.</summary>
    public override string ToString() => Height == Width ? $"{Height}" : $"{Height}×{Width}";

    /// <summary>Refuses a number under <paramref name="least"/>.</summary>
    internal Pair AtLeast(int least, string op, string what)
        => Height >= least && Width >= least ? this : throw new ShapeException($"{op}: the {what} is {this}, and must be at least {least}.");
}
