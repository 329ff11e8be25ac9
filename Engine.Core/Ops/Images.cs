namespace Engine.Core;

/// <summary>What every op over images asks of its input.</summary>
internal static class Images
{
    /// <summary>Refuses what is not (N, C, H, W).</summary>
    public static void Require(string op, Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"{op}: the input {x.Describe()} must be (N, C, H, W). Reshape a single image to (1, C, H, W).");
    }
}
