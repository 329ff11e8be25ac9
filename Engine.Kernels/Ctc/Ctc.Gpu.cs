using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void CtcForwardCore(View logits, View targets, View alphas, View logSums, View losses, CtcSizes sizes)
    {
        var (words, code) = ErrorFor(nameof(CtcForward));
        ReduceCore<LogSumExp, float>(logits, logSums, new ReduceSizes(sizes.N * sizes.T, sizes.C, 1), 1);
        Launch(CtcAlphaKernel, GroupsOf(sizes.N, sizes.States), Floats(logits), Ints(targets), Floats(logSums), Floats(alphas), Floats(losses), sizes, words, code);
    }

    private protected override void CtcBackwardCore(View logits, View targets, View alphas, View logSums, View dy, View dx, CtcSizes sizes)
    {
        var (words, code) = ErrorFor(nameof(CtcBackward));
        var betas = Allocate(DType.Float32, sizes.Alphas, nameof(CtcBackward));
        Launch(CtcBetaKernel, GroupsOf(sizes.N, sizes.States), Floats(logits), Ints(targets), Floats(logSums), Floats(new View(betas)), sizes, words, code);
        Launch(CtcGradientKernel, GroupsOf(sizes.N * sizes.T, Math.Max(sizes.C, sizes.States)),
            Floats(logits), Ints(targets), Floats(logSums), Floats(alphas), Floats(new View(betas)), Floats(dy), Floats(dx), sizes);
        betas.Release(nameof(CtcBackward));
    }

    // A group an example, a thread a state. No state is written twice, so one barrier a step is enough.
    private static void CtcAlphaKernel(ArrayView<float> logits, ArrayView<int> targets, ArrayView<float> logSums, ArrayView<float> alphas, ArrayView<float> losses, CtcSizes z,
        ArrayView<int> words, int code)
    {
        int n = Grid.IdxX, target = n * z.TargetLength, steps = CtcSteps(targets, target, z), states = CtcStates(targets, target, z), unfit = 0;
        CtcCheck(targets, target, z, words, code);
        float taken = 0f;
        for (int t = 0; t < steps; t++)
        {
            int row = n * z.T + t, now = row * z.States, last = now - z.States;
            float logSum = logSums[row], shift = 0f;
            if (float.IsNaN(logSum - logSum)) unfit = 1;
            if (t > 0 && t % CtcRenewal == 0) shift = CtcLargest(alphas, last, states);
            taken += shift;
            for (int s = Group.IdxX; s < states; s += Group.DimX)
            {
                float before = s < 2 ? 0f : CtcLogZero;
                if (t > 0)
                {
                    float a = alphas[last + s], b = s > 0 ? alphas[last + s - 1] : CtcLogZero;
                    before = CtcLogSum(a, b, CtcSkips(targets, target, s) != 0 ? alphas[last + s - 2] : CtcLogZero);
                }
                alphas[now + s] = CtcFloor(before + logits[row * z.C + CtcClass(targets, target, s, z)] - logSum - shift);
            }
            Group.Barrier();
        }
        if (Group.IdxX != 0) return;
        if (steps == 0)
        {
            losses[n] = float.PositiveInfinity;
            return;
        }
        int end = (n * z.T + steps - 1) * z.States + states - 1;
        float found = CtcLogSum(alphas[end], states > 1 ? alphas[end - 1] : CtcLogZero, CtcLogZero);
        losses[n] = unfit != 0 ? float.NaN : found <= CtcLogZero / 2f ? float.PositiveInfinity : -(taken + found);
    }

    // The same from the end: the β of a step, without that step's own probability.
    private static void CtcBetaKernel(ArrayView<float> logits, ArrayView<int> targets, ArrayView<float> logSums, ArrayView<float> betas, CtcSizes z,
        ArrayView<int> words, int code)
    {
        int n = Grid.IdxX, target = n * z.TargetLength, steps = CtcSteps(targets, target, z), states = CtcStates(targets, target, z);
        CtcCheck(targets, target, z, words, code);
        for (int t = steps - 1; t >= 0; t--)
        {
            int row = n * z.T + t, now = row * z.States, next = now + z.States, x = (row + 1) * z.C;
            float shift = 0f;
            if (t < steps - 1 && t % CtcRenewal == 0) shift = CtcLargest(betas, next, states);
            for (int s = Group.IdxX; s < states; s += Group.DimX)
            {
                float after = s >= states - 2 ? 0f : CtcLogZero;
                if (t < steps - 1)
                {
                    float logSum = logSums[row + 1], b = CtcLogZero, c = CtcLogZero;
                    float a = betas[next + s] + logits[x + CtcClass(targets, target, s, z)] - logSum;
                    if (s + 1 < states) b = betas[next + s + 1] + logits[x + CtcClass(targets, target, s + 1, z)] - logSum;
                    if (s + 2 < states && CtcSkips(targets, target, s + 2) != 0) c = betas[next + s + 2] + logits[x + CtcClass(targets, target, s + 2, z)] - logSum;
                    after = CtcFloor(CtcLogSum(CtcFloor(a), CtcFloor(b), CtcFloor(c)) - shift);
                }
                betas[now + s] = after;
            }
            Group.Barrier();
        }
    }

    // A group a step. The softmax first; then each class that the target has is one thread's, the thread of the first state of that class.
    private static void CtcGradientKernel(ArrayView<float> logits, ArrayView<int> targets, ArrayView<float> logSums, ArrayView<float> alphas, ArrayView<float> betas,
        ArrayView<float> dy, ArrayView<float> dx, CtcSizes z)
    {
        int row = Grid.IdxX, n = row / z.T, target = n * z.TargetLength, states = CtcStates(targets, target, z), at = row * z.States;
        int inside = row - n * z.T < CtcSteps(targets, target, z) ? 1 : 0;
        var state = LogSumExp.Start();
        if (inside != 0)
            for (int s = Group.IdxX; s < states; s += Group.DimX) state = LogSumExp.Add(state, alphas[at + s] + betas[at + s], s);
        state = MergeGroup<LogSumExp, float>(state);
        if (inside != 0 && state.A <= CtcLogZero / 2f) inside = 0;  // no path
        float g = dy[n], logSum = logSums[row];
        for (int c = Group.IdxX; c < z.C; c += Group.DimX)
            dx[row * z.C + c] = inside != 0 ? g * FloatMath.Exp(logits[row * z.C + c] - logSum) : 0f;
        Group.Barrier();
        if (inside == 0) return;
        for (int s = Group.IdxX; s < states; s += Group.DimX)
        {
            int k = CtcClass(targets, target, s, z), first = s % 2 == 0 ? 0 : 1;
            while (first < s && CtcClass(targets, target, first, z) != k) first += 2;
            if (first < s) continue;
            float sum = 0f;
            for (int other = s; other < states; other += 2)
                if (CtcClass(targets, target, other, z) == k) sum += FloatMath.Exp(alphas[at + other] + betas[at + other] - state.A);
            dx[row * z.C + k] -= g * sum / state.B;
        }
    }

    // What is out of range is noted, and taken for the nearest in range, or for class 0, until the host hears of it.
    private static void CtcCheck(ArrayView<int> targets, int target, CtcSizes z, ArrayView<int> words, int code)
    {
        if (Group.IdxX == 0)
        {
            CtcInRange(targets, target, z.T + 1, words, code);
            CtcInRange(targets, target + 1, z.S + 1, words, code);
        }
        for (int i = Group.IdxX; i < CtcStates(targets, target, z) / 2; i += Group.DimX) CtcInRange(targets, target + 2 + i, z.C, words, code);
    }

    private static void CtcInRange(ArrayView<int> targets, int position, int bound, ArrayView<int> words, int code)
    {
        int value = targets[position];
        if (value < 0 || value >= bound) ErrorWord.Set(words, code, value, bound, position);
    }

    private static int CtcSteps(ArrayView<int> targets, int target, CtcSizes z) => CtcWithin(targets[target], z.T);

    private static int CtcStates(ArrayView<int> targets, int target, CtcSizes z) => 2 * CtcWithin(targets[target + 1], z.S) + 1;

    private static int CtcWithin(int value, int most) => value < 0 ? 0 : value > most ? most : value;

    private static int CtcClass(ArrayView<int> targets, int target, int s, CtcSizes z)
    {
        int k = s % 2 == 0 ? z.Blank : targets[target + 2 + s / 2];
        return k < 0 || k >= z.C ? 0 : k;
    }

    /// <summary>1 where a path may come to state s from s − 2.</summary>
    private static int CtcSkips(ArrayView<int> targets, int target, int s)
        => s >= 3 && s % 2 == 1 && targets[target + 2 + s / 2] != targets[target + 1 + s / 2] ? 1 : 0;

    private static float CtcLogSum(float a, float b, float c)
    {
        float most = a > b ? a : b;
        most = c > most ? c : most;
        return most + FloatMath.Log(FloatMath.Exp(a - most) + FloatMath.Exp(b - most) + FloatMath.Exp(c - most));
    }

    private static float CtcFloor(float x) => x < CtcLogZero ? CtcLogZero : x;

    /// <summary>The largest of a step's logarithms; 0 where all are of 0. Each thread looks for itself: it costs no barrier.</summary>
    private static float CtcLargest(ArrayView<float> x, int from, int states)
    {
        float most = CtcLogZero;
        for (int s = 0; s < states; s++) most = x[from + s] > most ? x[from + s] : most;
        return most > CtcLogZero / 2f ? most : 0f;
    }
}
