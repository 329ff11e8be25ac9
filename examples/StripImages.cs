using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>A strip of digits side by side.</summary>
/// <param name="Pixels">(Height, Width), row-major: white on black.</param>
/// <param name="Digits">From left to right.</param>
internal sealed record Strip(byte[] Pixels, int[] Digits)
{
    public const int Height = 28, Width = 256, Size = Height * Width, LeastDigits = 3, MostDigits = 8;

    /// <summary>A strip as a batch has it: shares of white, and digits that end with the first negative number.</summary>
    public static Strip Of(ReadOnlySpan<float> shares, ReadOnlySpan<int> digits)
    {
        var pixels = new byte[shares.Length];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)MathF.Round(255 * shares[i]);
        int end = digits.IndexOf(-1);
        return new Strip(pixels, digits[..(end < 0 ? digits.Length : end)].ToArray());
    }
}

/// <summary>Strips of random digits at random places: three to eight, from overlapping by 8 columns, of which the images' black borders are most, to 4 apart.</summary>
/// <param name="digits">The images that are put together, of 28×28.</param>
/// <param name="count">How many strips.</param>
internal sealed class StripImages(LabelledImages digits, int count) : IDataset<Strip>
{
    private const int Overlap = 8, Apart = 4;

    public int Count => count;

    /// <summary>A strip that its random numbers alone decide.</summary>
    public Strip Get(int index, Rng rng)
    {
        int length = Strip.LeastDigits + rng.NextInt(Strip.MostDigits - Strip.LeastDigits + 1);
        int[] images = [.. Enumerable.Range(0, length).Select(_ => rng.NextInt(digits.Count))];
        var places = new int[length];
        for (int i = 1; i < length; i++) places[i] = places[i - 1] + digits.Width - Overlap + rng.NextInt(Overlap + Apart + 1);
        int left = rng.NextInt(Strip.Width - places[^1] - digits.Width + 1);
        var pixels = new byte[Strip.Size];
        for (int i = 0; i < length; i++) Draw(digits.Pixels(images[i]), pixels, left + places[i]);
        return new Strip(pixels, [.. images.Select(image => (int)digits.Labels[image])]);
    }

    /// <summary>The lighter of two pixels stays.</summary>
    private void Draw(ReadOnlySpan<byte> digit, byte[] strip, int left)
    {
        for (int row = 0; row < digits.Height; row++)
            for (int column = 0; column < digits.Width; column++)
            {
                ref byte pixel = ref strip[row * Strip.Width + left + column];
                pixel = Math.Max(pixel, digit[row * digits.Width + column]);
            }
    }
}

/// <summary>Batches of strips: (N, 1, 28, 256), shares of white; digits (N, 8), filled up with −1.</summary>
internal sealed class StripCollator : ICollator<Strip>
{
    public void Collate(ReadOnlySpan<Drawn<Strip>> examples, HostBatch batch, Rng rng)
    {
        var x = batch.Inputs.SetFloats([examples.Length, 1, Strip.Height, Strip.Width]);
        var targets = batch.Targets.SetInts([examples.Length, Strip.MostDigits]);
        targets.Fill(-1);
        for (int n = 0; n < examples.Length; n++)
        {
            var strip = examples[n].Value;
            for (int p = 0; p < Strip.Size; p++) x[n * Strip.Size + p] = strip.Pixels[p] / 255f;
            strip.Digits.CopyTo(targets[(n * Strip.MostDigits)..]);
        }
    }
}
