using Engine.Core;

namespace Engine.Layers;

/// <summary>Sets a square at a random place to zero, in all channels. Its middle is any pixel, so it may reach past the edges.</summary>
/// <remarks>Source: DeVries and Taylor 2017, arXiv:1708.04552.</remarks>
public sealed class Cutout : Augmentation
{
    private readonly int side;

    /// <summary>A square.</summary>
    /// <param name="side">Rows and columns of it.</param>
    public Cutout(int side)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        this.side = side;
    }

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> image, ImageSize size, Span<float> result, Rng rng)
    {
        image.CopyTo(result);
        int top = rng.NextInt(size.Height) - side / 2, left = rng.NextInt(size.Width) - side / 2;
        int fromX = Math.Max(0, left), count = Math.Min(size.Width, left + side) - fromX;
        for (int c = 0; c < size.Channels; c++)
            for (int y = Math.Max(0, top); y < Math.Min(size.Height, top + side); y++) result.Slice((c * size.Height + y) * size.Width + fromX, count).Clear();
    }
}
