using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Panels of <paramref name="width"/> side by side: panel[p·width + i] = source[i·across + p·along] for each of its i and p in 0..depth−1, and 0
    /// for i beyond the last of <paramref name="count"/>.</summary>
    internal static void Pack(float* source, nint across, nint along, int count, int width, int depth, float* panels)
    {
        if (across == 1)
        {
            PackRows(source, along, count, width, depth, 0, depth, panels);
            return;
        }
        for (; count > 0; count -= width, source += width * across, panels += (nint)width * depth)
        {
            int many = Math.Min(width, count);
            if (many < width) new Span<float>(panels, width * depth).Clear();
            if (along == 1 && many >= 4 && depth >= 4 && Sse.IsSupported) PackTransposed(source, across, many, width, depth, panels);
            else PackAny(source, across, along, many, width, depth, panels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackAny(float* source, nint across, nint along, int count, int width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++)
            for (int i = 0; i < count; i++) panel[(nint)p * width + i] = source[i * across + p * along];
    }

    /// <summary>Panels that are written side by side: with more, distances of a power of two meet in the same few lines of the first-level cache.</summary>
    private const int SideBySide = 4;

    /// <summary>Terms begin..end of panels whose numbers of a term lie together in the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows(float* source, nint along, int count, int width, int depth, int begin, int end, float* panels)
    {
        nint step = (nint)width * depth;
        for (; count > 0; count -= SideBySide * width, source += SideBySide * width, panels += SideBySide * step)
        {
            int there = Math.Min(count, SideBySide * width), whole = there / width, left = there % width;
            if (left > 0) new Span<float>(panels + whole * step + (nint)begin * width, (end - begin) * width).Clear();
            for (int p = begin; p < end; p++)
            {
                float* from = source + p * along, to = panels + (nint)p * width, last = from + whole * width;
                for (; from < last; from += width, to += step) CopyRow(from, to, width);
                if (left > 0) CopyRow(from, to, left);
            }
        }
    }

    /// <summary>Copies the numbers of one term: two vectors, the second where need be over a part of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* from, float* to, int width)
    {
        if (width is >= 16 and <= 32)
        {
            Vector512.Load(from).Store(to);
            Vector512.Load(from + width - 16).Store(to + width - 16);
        }
        else if (width is >= 8 and < 16)
        {
            Vector256.Load(from).Store(to);
            Vector256.Load(from + width - 8).Store(to + width - 8);
        }
        else if (width is >= 4 and < 8)
        {
            Vector128.Load(from).Store(to);
            Vector128.Load(from + width - 4).Store(to + width - 4);
        }
        else
        {
            for (int i = 0; i < width; i++) to[i] = from[i];
        }
    }

    /// <summary>Columns of the panel that are turned over at a time: so many lie in the first-level cache until each of their lines is whole.</summary>
    private const int Turned = 64;

    // Eight by eight numbers at a time turn over in registers, or four by four; the last ones once more where they are no multiple.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(float* source, nint across, int count, int width, int depth, float* panel)
    {
        int side = Avx.IsSupported && count >= 8 && depth >= 8 ? 8 : 4;
        for (int first = 0; first < depth; first += Turned)
            for (int i = 0; i < count; i += side)
            {
                int row = Math.Min(i, count - side);
                for (int p = first; p < Math.Min(first + Turned, depth); p += side)
                {
                    int column = Math.Min(p, depth - side);
                    float* from = source + row * across + column, to = panel + (nint)column * width + row;
                    if (side == 8) TurnEight(from, across, to, width);
                    else Turn(from, across, to, width);
                }
            }
    }

    /// <summary>to[j·toStep + i] = from[i·fromStep + j] for i and j in 0..7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void TurnEight(float* from, nint fromStep, float* to, nint toStep)
    {
        TurnEightByFour(from, fromStep, to, toStep);
        TurnEightByFour(from + 4, fromStep, to + 4 * toStep, toStep);
    }

    /// <summary>to[j·toStep + i] = from[i·fromStep + j] for i in 0..7 and j in 0..3: rows k and k + 4 lie in the halves of a vector, each of which is turned by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void TurnEightByFour(float* from, nint fromStep, float* to, nint toStep)
    {
        Vector256<float> a = Halves(from, fromStep), b = Halves(from + fromStep, fromStep), c = Halves(from + 2 * fromStep, fromStep), d = Halves(from + 3 * fromStep, fromStep);
        Vector256<float> ab = Avx.UnpackLow(a, b), AB = Avx.UnpackHigh(a, b), cd = Avx.UnpackLow(c, d), CD = Avx.UnpackHigh(c, d);
        Avx.Shuffle(ab, cd, 0b01_00_01_00).Store(to);
        Avx.Shuffle(ab, cd, 0b11_10_11_10).Store(to + toStep);
        Avx.Shuffle(AB, CD, 0b01_00_01_00).Store(to + 2 * toStep);
        Avx.Shuffle(AB, CD, 0b11_10_11_10).Store(to + 3 * toStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* row, nint step) => Vector256.Create(Vector128.Load(row), Vector128.Load(row + 4 * step));

    /// <summary>to[j·toStep + i] = from[i·fromStep + j] for i and j in 0..3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Turn(float* from, nint fromStep, float* to, nint toStep)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + fromStep), c = Vector128.Load(from + 2 * fromStep), d = Vector128.Load(from + 3 * fromStep);
        Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), AB = Sse.UnpackHigh(a, b), CD = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(ab, cd).Store(to);
        Sse.MoveHighToLow(cd, ab).Store(to + toStep);
        Sse.MoveLowToHigh(AB, CD).Store(to + 2 * toStep);
        Sse.MoveHighToLow(CD, AB).Store(to + 3 * toStep);
    }
}
