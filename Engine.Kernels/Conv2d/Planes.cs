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
        int strip = Gemm.TileColumns;
        bool turn = channels >= 4 && columns >= 4 && Sse.IsSupported;
        for (int i = 0; i < channels; i += turn ? 4 : 1)
        {
            int c = turn ? Math.Min(i, channels - 4) : i;
            for (int r = 0; r < rows; r++)
            {
                float* from = planes + c * plane + r * planeRow, to = strips + r * stripRow + c;
                if (!turn)
                {
                    for (int q = 0; q < columns; q++) to[q * strip] = from[q];
                    continue;
                }
                for (int q = 0; q <= columns - 4; q += 4) Gemm.Turn(from + q, plane, to + q * strip, strip);
                if (columns % 4 != 0) Gemm.Turn(from + columns - 4, plane, to + (columns - 4) * strip, strip);
            }
        }
    }

    /// <summary>planes[c·plane + r·planeRow + q] = strips[r·stripRow + q·strip + c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromStrips(float* strips, nint stripRow, float* planes, nint plane, nint planeRow, int channels, int rows, int columns)
    {
        int strip = Gemm.TileColumns;
        bool turn = channels >= 4 && columns >= 4 && Sse.IsSupported;
        for (int i = 0; i < channels; i += turn ? 4 : 1)
        {
            int c = turn ? Math.Min(i, channels - 4) : i;
            for (int r = 0; r < rows; r++)
            {
                float* from = strips + r * stripRow + c, to = planes + c * plane + r * planeRow;
                if (!turn)
                {
                    for (int q = 0; q < columns; q++) to[q] = from[q * strip];
                    continue;
                }
                for (int q = 0; q <= columns - 4; q += 4) Gemm.Turn(from + q * strip, strip, to + q, plane);
                if (columns % 4 != 0) Gemm.Turn(from + (columns - 4) * strip, strip, to + columns - 4, plane);
            }
        }
    }
}
