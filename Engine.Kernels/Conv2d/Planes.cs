using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Between planes, one for each channel, and strips of <see cref="Gemm.TileColumns"/> channels, one for each pixel. A few planes at a time, so
/// that each is read or written on and on.</summary>
internal static unsafe class Planes
{
    /// <summary>strips[r·stripRow + q·strip + c] = planes[c·plane + r·planeRow + q].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToStrips(float* planes, nint plane, nint planeRow, int channels, int rows, int columns, float* strips, nint stripRow)
    {
        int strip = Gemm.TileColumns, side = Side(channels, columns);
        for (int i = 0; i < channels; i += side)
        {
            int c = Math.Min(i, channels - side);
            for (int r = 0; r < rows; r++)
            {
                float* from = planes + c * plane + r * planeRow, to = strips + r * stripRow + c;
                for (int q = 0; q < columns; q += side == 1 ? 1 : 4)
                {
                    if (side > 1 && q % 16 == 0)                    // the rows after these are most likely the next ones
                        for (int k = 0; k < side; k++) Sse.Prefetch1(from + k * plane + rows * planeRow + q);
                    int at = side == 1 ? q : Math.Min(q, columns - 4);
                    if (side == 8) Gemm.TurnEightByFour(from + at, plane, to + at * strip, strip);
                    else if (side == 4) Gemm.Turn(from + at, plane, to + at * strip, strip);
                    else to[at * strip] = from[at];
                }
            }
        }
    }

    /// <summary>planes[c·plane + r·planeRow + q] = strips[r·stripRow + q·strip + c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromStrips(float* strips, nint stripRow, float* planes, nint plane, nint planeRow, int channels, int rows, int columns)
    {
        int strip = Gemm.TileColumns, side = columns < 8 ? Math.Min(4, Side(channels, columns)) : Side(channels, columns);
        for (int i = 0; i < channels; i += side)
        {
            int c = Math.Min(i, channels - side);
            for (int r = 0; r < rows; r++)
            {
                float* from = strips + r * stripRow + c, to = planes + c * plane + r * planeRow;
                for (int q = 0; q < columns; q += side)
                {
                    int at = Math.Min(q, columns - side);
                    if (side == 8) Gemm.TurnEight(from + at * strip, strip, to + at, plane);
                    else if (side == 4) Gemm.Turn(from + at * strip, strip, to + at, plane);
                    else to[at] = from[at * strip];
                }
            }
        }
    }

    // Channels that are turned over at a time.
    private static int Side(int channels, int columns)
        => channels < 4 || columns < 4 || !Sse.IsSupported ? 1 : channels >= 8 && Avx.IsSupported ? 8 : 4;
}
