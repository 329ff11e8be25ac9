using CsCheck;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Random shapes against a model that a page of paper would hold: a function from an index to a number.</summary>
public class MovementProperties
{
    private static readonly Gen<int[]> Sizes = Gen.Int[0, 5].Array[0, 5];

    private static readonly Gen<int[]> SizesAboveZero = Gen.Int[1, 20].Array[1, 4];

    private static readonly Gen<int[]> SmallSizes = Gen.Int[1, 6].Array[1, 4];

    /// <summary>Every index of a shape, in row-major order.</summary>
    private static IEnumerable<int[]> Indices(Shape shape)
    {
        for (int i = 0; i < shape.Count; i++)
        {
            var index = new int[shape.Rank];
            for (int axis = shape.Rank - 1, rest = i; axis >= 0; rest /= shape.Sizes[axis], axis--) index[axis] = rest % shape.Sizes[axis];
            yield return index;
        }
    }

    private static float At(Tensor x, float[] values, ReadOnlySpan<int> index)
    {
        int at = 0;
        for (int axis = 0; axis < index.Length; axis++) at = at * x.Shape.Sizes[axis] + index[axis];
        return values[at];
    }

    private static Tensor Numbered(ReadOnlySpan<int> sizes)
    {
        var shape = new Shape(sizes);
        return Tensor.Arange(shape.Count).Reshape(shape);
    }

    private static void IsModel(Tensor y, Shape shape, Func<int[], float> model)
    {
        Assert.That(y.Shape, Is.EqualTo(shape));
        Assert.That(y.ToArray(), Is.EqualTo(Indices(shape).Select(model)));
    }

    [Test]
    public void Arithmetic_Broadcasts_AsTheModelSays()
        // Each axis of the result, and whether either operand has 1 there; then how many leading axes each leaves out.
        => Gen.Select(Gen.Select(Gen.Int[0, 4], Gen.Bool, Gen.Bool).Array[0, 5], Gen.Int[0, 5], Gen.Int[0, 5]).Sample((axes, dropA, dropB) =>
        {
            int[] a = [.. axes.Select(x => x.Item2 ? 1 : x.Item1).Skip(dropA)], b = [.. axes.Select(x => x.Item3 ? 1 : x.Item1).Skip(dropB)];
            int rank = Math.Max(a.Length, b.Length);
            int[] result = new int[rank];
            for (int i = 1; i <= rank; i++)
            {
                int x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
                result[^i] = x == 1 ? y : x;
            }
            Tensor p = Numbered(a), q = Numbered(b);
            float[] pv = p.ToArray(), qv = q.ToArray();
            IsModel(p + q, result, index => Repeated(p, pv, index) + Repeated(q, qv, index));
            IsModel(p.BroadcastTo(result), result, index => Repeated(p, pv, index));
        });

    private static float Repeated(Tensor x, float[] values, int[] index)
    {
        int[] own = index[(index.Length - x.Rank)..];
        for (int axis = 0; axis < own.Length; axis++)
            if (x.Shape.Sizes[axis] == 1) own[axis] = 0;
        return At(x, values, own);
    }

    [Test]
    public void Shapes_ThatDoNotBroadcast_AreRefused()
        => Gen.Select(Sizes, Sizes).Where((a, b) => Enumerable.Range(1, Math.Min(a.Length, b.Length)).Any(i => a[^i] != b[^i] && a[^i] != 1 && b[^i] != 1))
            .Sample((a, b) => Assert.That(() => Numbered(a) + Numbered(b), Throws.TypeOf<ShapeException>()));

    [Test]
    public void Permute_MovesEachNumber_AndBack()
        => SizesAboveZero.SelectMany(sizes => Gen.Shuffle(Enumerable.Range(0, sizes.Length).ToArray()), (sizes, order) => (sizes, order)).Sample((sizes, order) =>
        {
            var x = Numbered(sizes);
            var values = x.ToArray();
            var y = x.Permute(order);
            IsModel(y, new Shape([.. order.Select(axis => sizes[axis])]), index =>
            {
                var from = new int[index.Length];
                for (int i = 0; i < index.Length; i++) from[order[i]] = index[i];
                return At(x, values, from);
            });
            int[] back = [.. Enumerable.Range(0, order.Length).Select(axis => Array.IndexOf(order, axis))];
            Assert.That(y.Permute(back).ToArray(), Is.EqualTo(values));
        }, iter: 300);

    [Test]
    public void Flip_ReversesTheAxesItIsGiven()
        => SizesAboveZero.SelectMany(sizes => Gen.Bool.Array[sizes.Length], (sizes, turned) => (sizes, turned)).Sample((sizes, turned) =>
        {
            int[] axes = [.. Enumerable.Range(0, sizes.Length).Where(axis => turned[axis])];
            if (axes.Length == 0) axes = [.. Enumerable.Range(0, sizes.Length)];
            var x = Numbered(sizes);
            var values = x.ToArray();
            IsModel(x.Flip(axes), x.Shape, index => At(x, values, [.. index.Select((i, axis) => axes.Contains(axis) ? sizes[axis] - 1 - i : i)]));
        }, iter: 300);

    [Test]
    public void Roll_MovesEachNumber()
        => Gen.Select(SizesAboveZero, Gen.Int[0, 100], Gen.Int[-20, 20]).Sample((sizes, pick, shift) =>
        {
            int axis = pick % sizes.Length, size = sizes[axis];
            var x = Numbered(sizes);
            var values = x.ToArray();
            IsModel(x.Roll(shift, axis), x.Shape, index => At(x, values, [.. index.Select((i, at) => at == axis ? ((i - shift) % size + size) % size : i)]));
        }, iter: 300);

    [Test]
    public void Tile_RepeatsEveryAxis()
        => SmallSizes.SelectMany(sizes => Gen.Int[0, 3].Array[sizes.Length], (sizes, times) => (sizes, times)).Sample((sizes, times) =>
        {
            var x = Numbered(sizes);
            var values = x.ToArray();
            IsModel(x.Tile(times), new Shape([.. sizes.Zip(times, (size, count) => size * count)]), index => At(x, values, [.. index.Select((i, axis) => i % sizes[axis])]));
        }, iter: 300);

    [Test]
    public void Pad_TakesEachNumberFromWhereItsModeSays()
        => Gen.Select(SmallSizes, Gen.Int[0, 100].Array[12], Gen.Enum<PadMode>()).Sample((sizes, random, mode) =>
        {
            var around = new (int Before, int After)[sizes.Length];
            for (int axis = 0; axis < around.Length; axis++)
            {
                int most = mode == PadMode.Reflect ? sizes[axis] : 4;
                around[axis] = (random[2 * axis % 12] % most, random[(2 * axis + 1) % 12] % most);
            }
            var x = Numbered(sizes);
            var values = x.ToArray();
            IsModel(x.Pad(around, mode, -7), new Shape([.. sizes.Zip(around, (size, pair) => size + pair.Before + pair.After)]), index =>
            {
                var from = new int[index.Length];
                for (int axis = 0; axis < from.Length; axis++)
                {
                    int i = index[axis] - around[axis].Before, last = sizes[axis] - 1;
                    if (mode == PadMode.Constant && (i < 0 || i > last)) return -7;
                    from[axis] = mode == PadMode.Reflect ? last - Math.Abs(last - Math.Abs(i)) : Math.Clamp(i, 0, last);
                }
                return At(x, values, from);
            });
        }, iter: 300);

    [Test]
    public void Reshape_KeepsTheNumbers()
        => Sizes.Sample(sizes =>
        {
            var x = Numbered(sizes);
            Assert.That(x.Reshape(x.Count).Reshape(sizes).ToArray(), Is.EqualTo(x.ToArray()));
            Assert.That(x.Flatten().Shape, Is.EqualTo(new Shape(x.Count)));
            Assert.That(x.Unsqueeze(0).Unsqueeze(-1).Squeeze(0).Squeeze(-1).Shape, Is.EqualTo(x.Shape));
            if (x.Count > 0) Assert.That(x.Reshape(-1, 1).Shape, Is.EqualTo(new Shape(x.Count, 1)));
        });

    [Test]
    public void Slices_TakeWhatTheirRangesSay()
        => Sizes.SelectMany(sizes => Gen.Int[0, 1000].Array[3 * sizes.Length], (sizes, random) => (sizes, random)).Sample((sizes, random) =>
        {
            var x = Numbered(sizes);
            var values = x.ToArray();
            var at = new TensorIndex[sizes.Length];
            int[] starts = new int[sizes.Length], kept = [.. Enumerable.Range(0, sizes.Length)];
            int[] lengths = [.. sizes];
            for (int axis = 0; axis < sizes.Length; axis++)
            {
                int start = random[3 * axis] % (sizes[axis] + 1), length = random[3 * axis + 1] % (sizes[axis] - start + 1), form = random[3 * axis + 2] % 4;
                bool index = form == 0 && start < sizes[axis];
                at[axis] = index ? start : form == 1 ? start..(start + length) : form == 2 ? ^(sizes[axis] - start)..^(sizes[axis] - start - length) : ..;
                if (index) length = 1;
                else if (form == 3 || form == 0) (start, length) = (0, sizes[axis]);
                (starts[axis], lengths[axis]) = (start, length);
                if (index) kept = [.. kept.Where(k => k != axis)];
            }
            IsModel(x[at], new Shape([.. kept.Select(axis => lengths[axis])]), index =>
            {
                int[] from = [.. starts];
                for (int i = 0; i < kept.Length; i++) from[kept[i]] += index[i];
                return At(x, values, from);
            });
        });

    [Test]
    public void Concat_UndoesSplit()
        => Gen.Select(SizesAboveZero, Gen.Int[0, 100], Gen.Int[0, 100].Array[0, 4]).Sample((sizes, pick, cuts) =>
        {
            int axis = pick % sizes.Length;
            int[] ends = [0, .. cuts.Select(cut => cut % (sizes[axis] + 1)).Order(), sizes[axis]];
            int[] parts = [.. ends.Skip(1).Zip(ends, (end, start) => end - start)];
            var x = Numbered(sizes);
            var split = x.Split(axis, parts);
            Assert.That(split.Select(part => part.Shape[axis]), Is.EqualTo(parts));
            var joined = Tensor.Concat(split, axis);
            Assert.That(joined.Shape, Is.EqualTo(x.Shape));
            Assert.That(joined.ToArray(), Is.EqualTo(x.ToArray()));
        }, iter: 300);

    [Test]
    public void SliceGradient_PutsEachNumberBackInItsPlace()
        => Gen.Select(SizesAboveZero, Gen.Int[0, 100], Gen.Int[0, 100], Gen.Int[0, 100]).Sample((sizes, a, b, c) =>
        {
            var x = Numbered(sizes).WithGradOf();
            int axis = a % x.Rank, start = b % x.Shape.Sizes[axis], length = c % (x.Shape.Sizes[axis] - start + 1);
            var y = x.Narrow(axis, start, length);
            y.Backward(y.Detach());
            var values = x.ToArray();
            Assert.That(x.Grad!.ToArray(), Is.EqualTo(Indices(x.Shape).Select((index, i) => index[axis] >= start && index[axis] < start + length ? values[i] : 0)));
        }, iter: 300);
}

file static class Leaves
{
    /// <summary>The same numbers as a leaf.</summary>
    public static Tensor WithGradOf(this Tensor x) => x.Detach().WithGrad();
}
