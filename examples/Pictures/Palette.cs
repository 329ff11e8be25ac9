using SkiaSharp;

namespace Engine.Examples;

/// <summary>Colours that people with any colour vision tell apart. Source: Okabe and Ito 2008, https://jfly.uni-koeln.de/color/.</summary>
internal static class Palette
{
    public static SKColor Blue { get; } = new(0x00, 0x72, 0xB2);

    public static SKColor Vermilion { get; } = new(0xD5, 0x5E, 0x00);

    public static SKColor Ink { get; } = new(0x22, 0x22, 0x22);

    public static SKColor Grey { get; } = new(0x66, 0x66, 0x66);

    /// <summary>From vermilion over white to blue.</summary>
    /// <param name="share">From −1 to 1.</param>
    public static SKColor Diverging(double share) => Between(SKColors.White, share < 0 ? Vermilion : Blue, Math.Abs(share));

    private static SKColor Between(SKColor from, SKColor to, double share)
    {
        byte Mix(byte a, byte b) => (byte)Math.Round(a + (b - a) * Math.Clamp(share, 0, 1));
        return new SKColor(Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));
    }
}
