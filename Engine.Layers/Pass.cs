namespace Engine.Layers;

/// <summary>What one forward pass is for; it goes along with the input.</summary>
public sealed class Pass
{
    private Pass() { }

    /// <summary>No dropout, and batch norm by its running statistics.</summary>
    public static Pass Inference { get; } = new();

    /// <summary>Whether dropout drops and batch norm uses the batch's own statistics.</summary>
    public bool Training { get; private init; }
}
