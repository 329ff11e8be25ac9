namespace Engine.Layers;

/// <summary>Numbers, and the numbers that a model should make of them.</summary>
/// <param name="Input">Row-major.</param>
/// <param name="Target">Row-major.</param>
public readonly record struct Example(ReadOnlyMemory<float> Input, ReadOnlyMemory<float> Target);

/// <summary>Numbers and their class.</summary>
/// <param name="Input">Row-major.</param>
/// <param name="Class">From 0 on.</param>
public readonly record struct LabelledExample(ReadOnlyMemory<float> Input, int Class);

/// <summary>An image of bytes and its class.</summary>
/// <param name="Pixels">(Channels, Height, Width), row-major.</param>
/// <param name="Size">The sizes.</param>
/// <param name="Class">From 0 on.</param>
public readonly record struct LabelledImage(ReadOnlyMemory<byte> Pixels, ImageSize Size, int Class);

/// <summary>The sizes of an image.</summary>
/// <param name="Channels">1 for grey, 3 for colours.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageSize(int Channels, int Height, int Width)
{
    /// <summary>Channels · Height · Width.</summary>
    public int Count => Channels * Height * Width;

    /// <summary>As the field writes it: (1, 28, 28).</summary>
    public override string ToString() => $"({Channels}, {Height}, {Width})";
}
