using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Benchmarks;

/// <summary>Thirty-two queries meet 64 keys at once, and both products are MatMul's: its tile takes scores of 4 queries and 32 keys, and then sums of 4 queries
/// and 32 numbers, in registers. A key that is loaded serves many queries.</summary>
internal static unsafe class AttentionTiles
{
    public const int Queries = 32;

    private const int Keys = AttentionVectors.Keys, Rows = MatMulRegisterTile.Rows, Columns = MatMulRegisterTile.Columns;

    public static void Run(float* q, float* k, float* v, float* y, AttentionShape z)
    {
        using Floats turned = new(TurnedLength(z)), values = new(ValuesLength(z));
        for (int head = 0; head < z.Heads; head++)
        {
            int offset = head * z.T * z.D;
            Pack(k + offset, v + offset, turned.At, values.At, z);
            for (int i = 0; i < z.T; i += Queries) Block(q + offset, turned.At, values.At, y + offset, i, z);
        }
    }

    /// <summary>Floats of one head's keys, turned.</summary>
    public static int TurnedLength(AttentionShape z) => z.D * MatMulPacked.Up(z.T, Keys);

    /// <summary>Floats of one head's values, filled up.</summary>
    public static int ValuesLength(AttentionShape z) => z.T * MatMulPacked.Up(z.D, Columns);

    public static void Pack(float* k, float* v, float* turned, float* values, AttentionShape z)
    {
        AttentionVectors.TurnKeys(k, turned, z);
        AttentionVectors.FillUp(v, values, z, MatMulPacked.Up(z.D, Columns));
    }

    /// <summary>Results of up to 32 queries of a head, from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block(float* q, float* turned, float* values, float* y, int first, AttentionShape z)
    {
        int count = Math.Min(Queries, z.T - first), rows = MatMulPacked.Up(count, Rows), numbers = MatMulPacked.Up(z.D, Columns);
        using Floats queries = new(Queries * z.D), scores = new(Queries * Keys), sums = new(Queries * numbers), largest = new(Queries), weights = new(Queries);
        queries.Span.Clear();                                                               // rows behind the last query: their sums go nowhere
        new Span<float>(q + first * z.D, count * z.D).CopyTo(queries.Span);
        sums.Span.Clear();
        largest.Span.Fill(float.NegativeInfinity);
        weights.Span.Clear();
        for (int key = 0; key < z.T; key += Keys)
        {
            for (int j = 0; j < Keys; j += Columns)
                for (int i = 0; i < rows; i += Rows)
                    MatMulRegisterTile.Tile(z.D, queries.At + i * z.D, z.D, 1, turned + key * z.D + j, Keys, scores.At + i * Keys + j, Keys, accumulate: false);
            for (int i = 0; i < rows; i++)
            {
                var before = Vector512.Create(AttentionVectors.Weights(scores.At + i * Keys, ref largest.At[i], ref weights.At[i], key, z));
                for (float* sum = sums.At + i * numbers, end = sum + numbers; sum < end; sum += 16) (before * Vector512.Load(sum)).Store(sum);
            }
            for (int d = 0; d < numbers; d += Columns)
                for (int i = 0; i < rows; i += Rows)
                    MatMulRegisterTile.Tile(Math.Min(Keys, z.T - key), scores.At + i * Keys, Keys, 1, values + key * numbers + d, numbers,
                        sums.At + i * numbers + d, numbers, accumulate: true);
        }
        for (int i = 0; i < count; i++)
            for (int d = 0; d < z.D; d++) y[(first + i) * z.D + d] = sums.At[i * numbers + d] / weights.At[i];
    }
}
