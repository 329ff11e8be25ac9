using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>panel[p·width + i] = source[i·across + p·along] for i in 0..count−1 and p in 0..depth−1, and 0 for i from count to width.</summary>
    internal static void Pack(float* source, nint across, nint along, int count, int width, int depth, float* panel)
    {
        if (count < width) new Span<float>(panel, width * depth).Clear();
        if (across == 1) PackRows(source, along, count, width, depth, panel);
        else if (along == 1 && count >= 4 && depth >= 4 && Sse.IsSupported) PackTransposed(source, across, count, width, depth, panel);
        else PackAny(source, across, along, count, width, depth, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackAny(float* source, nint across, nint along, int count, int width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++)
            for (int i = 0; i < count; i++) panel[(nint)p * width + i] = source[i * across + p * along];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows(float* source, nint along, int count, int width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++, source += along, panel += width)
        {
            int i = 0;
            for (; i <= count - 16; i += 16) Vector512.Load(source + i).Store(panel + i);
            for (; i <= count - 4; i += 4) Vector128.Load(source + i).Store(panel + i);
            for (; i < count; i++) panel[i] = source[i];
        }
    }

    /// <summary>Columns of the panel that are turned over at a time: so many lie in the first-level cache until each of their lines is whole.</summary>
    private const int Turned = 64;

    // Four by four numbers at a time turn over in registers; the last four once more where they are no multiple.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTransposed(float* source, nint across, int count, int width, int depth, float* panel)
    {
        for (int first = 0; first < depth; first += Turned)
            for (int i = 0; i < count; i += 4)
            {
                int row = Math.Min(i, count - 4);
                for (int p = first; p < Math.Min(first + Turned, depth); p += 4)
                {
                    int column = Math.Min(p, depth - 4);
                    Turn(source + row * across + column, across, panel + (nint)column * width + row, width);
                }
            }
    }

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
