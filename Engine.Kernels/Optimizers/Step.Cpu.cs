using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void StepCore<S>(View w, View g, View a, View b, View c, StepSettings<double> s)
    {
        nint pw = (nint)Floats(w), pg = (nint)Floats(g), pa = (nint)Floats(a), pb = (nint)Floats(b), pc = (nint)Floats(c);
        var settings = Floats(s);
        workers.For(w.Length, ElementwiseGrain, (pw, pg, pa, pb, pc, settings), static (begin, end, given)
            => StepLoop<S>((float*)given.pw, (float*)given.pg, (float*)given.pa, (float*)given.pb, (float*)given.pc, begin, end, given.settings));
    }

    [MethodImpl(Alone)]
    private static void StepLoop<S>(float* w, float* g, float* a, float* b, float* c, int begin, int end, StepSettings<float> s) where S : struct, IStep
    {
        int i = begin;
        Vector512<float> none = default, none2 = default, none3 = default;
        for (; i <= end - Width; i += Width)
        {
            var value = Vector512.Load(w + i);
            var first = S.States > 0 ? Vector512.Load(a + i) : none;
            var second = S.States > 1 ? Vector512.Load(b + i) : none2;
            var third = S.States > 2 ? Vector512.Load(c + i) : none3;
            S.Step(ref value, Vector512.Load(g + i), ref first, ref second, ref third, s);
            value.Store(w + i);
            if (S.States > 0) first.Store(a + i);
            if (S.States > 1) second.Store(b + i);
            if (S.States > 2) third.Store(c + i);
        }
        if (i < end)
        {
            int left = end - i;
            var value = LoadTail(w + i, left);
            var first = S.States > 0 ? LoadTail(a + i, left) : none;
            var second = S.States > 1 ? LoadTail(b + i, left) : none2;
            var third = S.States > 2 ? LoadTail(c + i, left) : none3;
            S.Step(ref value, LoadTail(g + i, left), ref first, ref second, ref third, s);
            StoreTail(value, w + i, left);
            if (S.States > 0) StoreTail(first, a + i, left);
            if (S.States > 1) StoreTail(second, b + i, left);
            if (S.States > 2) StoreTail(third, c + i, left);
        }
    }
}
