using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Where the rows of matrices lie.</summary>
    private readonly struct HeadRows(Matrices m)
    {
        private readonly float* data = Floats(m.Data);

        public nint Row { get; } = m.RowStride;

        public float* At(int b, int h, int i) => data + (nint)b * m.BatchStride + (nint)h * m.HeadStride + i * Row;
    }

    /// <summary>What an attention reads, and what it does with the scores of a query and some keys, that lie in whole vectors, or of the queries of a vector.</summary>
    private readonly struct AttentionRows(AttentionInputs x, AttentionSizes sizes)
    {
        private readonly Vector512<float> scale = Vector512.Create((float)sizes.Scale);
        private readonly float* numbers = x.Mask is { } m && m.Data.DType == DType.Float32 ? Floats(m.Data) : null;
        private readonly byte* flags = x.Mask is { } m && m.Data.DType == DType.UInt8 ? Pointer<byte>(m.Data) : null;

        public HeadRows Q { get; } = new(x.Queries);

        public HeadRows K { get; } = new(x.Keys);

        public HeadRows V { get; } = new(x.Values);

        public AttentionSizes Sizes => sizes;

        public bool Masked => x.Mask is not null;

        /// <summary>The random word of a weight.</summary>
        public ulong Word(int b, int h, int i, int j) => sizes.Position + ((ulong)(b * sizes.Heads + h) * (ulong)sizes.T + (ulong)i) * (ulong)sizes.RowWords + (ulong)j;

        /// <summary>Keys that count for query i, those that the mask hides included.</summary>
        public int Seen(int b, int i) => sizes.Seen(i, x.KeysOf(b, sizes.S));

        /// <summary>s ← scale·s + mask where the query sees the key, else −∞, also past the keys' end up to a whole vector. Gives the largest.</summary>
        public float Score(float* s, int b, int h, int i, int first, int keys, float* room)
        {
            int seen = Math.Clamp(Seen(b, i) - first, 0, keys);
            float* added = Added(b, h, i, first, seen, room);
            var most = added is null ? ScaleWhole(s, seen, scale) : ScaleWhole(s, seen, scale, added);
            int j = seen / Width * Width;
            if (j < seen)
            {
                var score = Vector512.Load(s + j) * scale;
                if (added is not null) score = Add(score, LoadTail(added + j, seen - j));
                score = Vector512.ConditionalSelect(First(seen - j), score, Vector512.Create(float.NegativeInfinity));
                score.Store(s + j);
                most = Vector512.MaxNative(most, score);
                j += Width;
            }
            for (; j < keys; j += Width) Vector512.Create(float.NegativeInfinity).Store(s + j);
            return Largest(most);
        }

        // Loops in methods of their own: within a large one the compiler keeps what they add up in memory.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static Vector512<float> ScaleWhole(float* s, int count, Vector512<float> scale)
        {
            var most = Vector512.Create(float.NegativeInfinity);
            for (int j = 0; j <= count - Width; j += Width)
            {
                var score = Vector512.Load(s + j) * scale;
                score.Store(s + j);
                most = Vector512.MaxNative(most, score);
            }
            return most;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static Vector512<float> ScaleWhole(float* s, int count, Vector512<float> scale, float* added)
        {
            var most = Vector512.Create(float.NegativeInfinity);
            for (int j = 0; j <= count - Width; j += Width)
            {
                var score = Add(Vector512.Load(s + j) * scale, Vector512.Load(added + j));
                score.Store(s + j);
                most = Vector512.MaxNative(most, score);
            }
            return most;
        }

        /// <summary>r_ij, 0 or 1/(1 − rate), of a query's weights, from a key that is a multiple of 64 on; up to a whole vector.</summary>
        public void Draw(float* kept, int b, int h, int i, int first, int keys)
        {
            ulong word = Word(b, h, i, first);
            Vector512<uint> last = Vector512.Create(sizes.Last);
            var one = Vector512.Create((float)sizes.Kept);
            uint* room = stackalloc uint[PhiloxVector.Room], words = PhiloxVector.Align(room);
            for (int j = 0; j < keys; j += PhiloxVector.Words)
            {
                PhiloxVector.Make(sizes.Key, (word + (ulong)j) >> 2, words);
                for (int k = 0; k < PhiloxVector.Words && j + k < keys; k += Width)
                    (Vector512.GreaterThan(Vector512.Load(words + k), last).AsSingle() & one).Store(kept + j + k);
            }
        }

        /// <summary>Scores of sixteen queries from query <paramref name="i"/> on, a row a key, become exp(s − m) with m the largest of each so far. Its sum so far is
        /// multiplied by the factor exp(old m − new m), and the new ones are added to it.</summary>
        /// <param name="s">Rows of <see cref="QueryPanel"/>.</param>
        /// <param name="i">The first query.</param>
        /// <param name="first">The first key.</param>
        /// <param name="keys">How many.</param>
        /// <param name="added">From <see cref="AddedColumns"/>.</param>
        /// <param name="step">From there too.</param>
        /// <param name="largest">m of each.</param>
        /// <param name="sums">The sum of each.</param>
        /// <param name="factors">The factor of each.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Softmax(float* s, int i, int first, int keys, float* added, int step, float* largest, float* sums, float* factors)
        {
            int free = sizes.Causal ? sizes.Past + i + 1 - first : keys;        // keys that all of these queries see
            Vector512<int> seen = Vector512.Create(free) + Lanes;
            Vector512<float> before = Vector512.Load(largest), most = before, by = scale, none = Vector512.Create(float.NegativeInfinity);
            for (int j = 0; j < keys; j++)
            {
                var score = Vector512.Load(s + j * QueryPanel) * by;
                if (added is not null) score = Add(score, step > 0 ? Vector512.Load(added + j * step) : Vector512.Create(added[j]));
                if (j >= free) score = Vector512.ConditionalSelect(Vector512.GreaterThan(seen, Vector512.Create(j)).AsSingle(), score, none);
                score.Store(s + j * QueryPanel);
                most = Vector512.MaxNative(most, score);
            }
            most.Store(largest);
            var shift = Vector512.ConditionalSelect(Vector512.Equals(most, none), Vector512<float>.Zero, most);     // none seen yet: exp(−∞ − 0), and not of ∞ − ∞
            var factor = VectorMath.Exp(before - shift);
            factor.Store(factors);
            (Vector512.Load(sums) * factor + ExpColumns(s, keys, shift)).Store(sums);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static Vector512<float> ExpColumns(float* s, int keys, Vector512<float> shift)
        {
            var sum = Vector512<float>.Zero;
            for (float* end = s + keys * QueryPanel; s < end; s += QueryPanel)
            {
                var p = VectorMath.Exp(Vector512.Load(s) - shift);
                p.Store(s);
                sum += p;
            }
            return sum;
        }

        /// <summary>The weights of sixteen queries times r_ij, from a key on that is a multiple of 4; rows up to the next such are written.</summary>
        /// <remarks>Not within <see cref="ExpColumns"/>: around the call its vectors would go to the stack.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Drop(float* s, int b, int h, int i, int first, int keys)
        {
            ulong step = (ulong)sizes.RowWords, word = Word(b, h, i, first);
            Vector512<uint> last = Vector512.Create(sizes.Last);
            var one = Vector512.Create((float)sizes.Kept);
            uint* room = stackalloc uint[PhiloxVector.Room], words = PhiloxVector.Align(room);
            for (int j = 0; j < keys; j += 4, s += 4 * QueryPanel)
            {
                PhiloxVector.Make(sizes.Key, (word + (ulong)j) >> 2, step >> 2, words);
                for (int k = 0; k < 4; k++)
                    (Vector512.Load(s + k * QueryPanel) * (Vector512.GreaterThan(Vector512.Load(words + k * PhiloxVector.Blocks), last).AsSingle() & one)).Store(s + k * QueryPanel);
            }
        }

        /// <summary>What the mask adds to the scores of a panel of queries, a row a key: number j·step + i for query i, or where the step is 0 number j for all. Null
        /// without a mask.</summary>
        public float* AddedColumns(int b, int h, int i, int count, int first, int keys, float* room, out int step)
        {
            step = 0;
            if (x.Mask is not { } mask) return null;
            if (mask.RowStride == 0) return Added(b, h, i, first, keys, room);
            step = QueryPanel;
            float* rows = room + QueryPanel * KeyTile;
            for (int k = 0; k < count && numbers is null; k++) Added(b, h, i + k, first, keys, rows + k * KeyTile);
            if (numbers is null) Gemm.Pack(rows, KeyTile, 1, count, QueryPanel, keys, room);
            else Gemm.Pack(Added(b, h, i, first, keys, room), mask.RowStride, 1, count, QueryPanel, keys, room);
            return room;
        }

        // −∞ hides, whatever the score.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Add(Vector512<float> score, Vector512<float> added)
            => Vector512.ConditionalSelect(Vector512.Equals(added, Vector512.Create(float.NegativeInfinity)), added, score + added);

        /// <summary>The mask's row as numbers to add, or null without a mask.</summary>
        private float* Added(int b, int h, int i, int first, int keys, float* room)
        {
            if (x.Mask is not { } mask) return null;
            nint at = (nint)b * mask.BatchStride + (nint)h * mask.HeadStride + (nint)i * mask.RowStride + first;
            if (numbers is not null) return numbers + at;
            byte* from = flags + at;
            int j = 0;
            for (; j <= keys - Width; j += Width)
            {
                var hidden = Vector512.Equals(Vector512.WidenLower(Vector256.WidenLower(Vector128.Load(from + j).ToVector256Unsafe()).ToVector512Unsafe()), Vector512<uint>.Zero).AsSingle();
                (hidden & Vector512.Create(float.NegativeInfinity)).Store(room + j);
            }
            for (; j < keys; j++) room[j] = from[j] != 0 ? 0 : float.NegativeInfinity;
            return room;
        }
    }
}
