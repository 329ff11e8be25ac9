using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Pixels around images (N, C, H, W): a number, the image mirrored, or its edge repeated.</summary>
/// <param name="rows">How many above and below.</param>
/// <param name="columns">How many on the left and on the right.</param>
/// <param name="mode">What they are.</param>
/// <param name="value">The number for <see cref="PadMode.Constant"/>.</param>
public sealed class Pad2d((int Above, int Below) rows, (int Left, int Right) columns, PadMode mode = PadMode.Constant, double value = 0) : Layer
{
    /// <summary>As many on both sides.</summary>
    /// <param name="padding">How many above and below, and on the left and on the right.</param>
    /// <param name="mode">What they are.</param>
    /// <param name="value">The number for <see cref="PadMode.Constant"/>.</param>
    public Pad2d(Pair padding, PadMode mode = PadMode.Constant, double value = 0)
        : this((padding.Height, padding.Height), (padding.Width, padding.Width), mode, value) { }

    /// <inheritdoc/>
    protected override string Settings
        => $"rows={rows.Above}+{rows.Below}, columns={columns.Left}+{columns.Right}, {mode}{(value == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", value={value}"))}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new ShapeException($"Pad2d: the input {x.Shape} must be (N, C, H, W). Reshape a single image to (1, C, H, W).");
        return x.Pad([rows, columns], mode, value);
    }
}
