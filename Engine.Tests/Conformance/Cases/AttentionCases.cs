using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Scaled dot-product attention: every way to hide keys, alone and together, at sizes around each tile and vector of processor and GPU.</summary>
public sealed class AttentionCases : IOpCases
{
    private static readonly string[] Rules = ["all", "causal", "lengths", "flags", "added", "dropout"];

    public static IEnumerable<OpCase> All()
    {
        // Head sizes, and sizes of values that are not those of keys.
        foreach (int d in new[] { 1, 7, 16, 32, 33, 64, 80, 128 })
            yield return Case($"{d} a head", new(2, 2, 2, 5, 6, d, d)) with { Emulate = d < 32 };
        yield return Case("values wider than keys", new(1, 2, 2, 5, 6, 3, 19));
        yield return Case("values narrower than keys", new(1, 2, 1, 7, 9, 18, 2), "causal", "dropout");
        yield return Case("values of 70 beside keys of 3", new(1, 1, 1, 9, 5, 3, 70)) with { Emulate = false };
        // Queries and keys: none, one, few, around vectors and tiles.
        foreach (int t in new[] { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33 })
            yield return Case($"{t} queries of 6 keys", new(2, 2, 1, t, 6, 4, 4), "causal");
        foreach (int s in new[] { 0, 1, 7, 8, 9, 15, 16, 17 })
            yield return Case($"6 queries of {s} keys", new(2, 1, 1, 6, s, 4, 4), "lengths");
        foreach (string rule in Rules)
        {
            yield return Case($"{rule}", new(2, 2, 2, 9, 9, 5, 5), rule);
            yield return Case($"{rule}, grouped, more keys than queries", new(2, 4, 2, 3, 18, 4, 4), rule);
            yield return Case($"{rule}, fewer keys than queries", new(1, 2, 1, 18, 5, 4, 3), rule);
            yield return Case($"{rule}, one query", new(2, 4, 2, 1, 19, 5, 5), rule);
            yield return Case($"{rule}, 17 queries of 33 keys of 16", new(1, 2, 1, 17, 33, 16, 16), rule) with { Emulate = false };
            foreach (int n in new[] { 63, 64, 65 })
                yield return Case($"{rule}, {n} queries and keys", new(1, 1, 1, n, n, 4, 4), rule) with { Emulate = false, HasGradient = n != 64 };
            yield return Case($"{rule}, 19 queries of 260 keys", new(1, 1, 1, 19, 260, 8, 4), rule) with { Emulate = false, Tolerance = 5e-5 };
            yield return Fused($"{rule}", new(2, 2, 2, 6, 6, 5, 5), rule);
        }
        yield return Case("everything at once", new(2, 4, 2, 21, 35, 6, 7), [.. Rules]) with { Emulate = false };
        yield return Case("everything at once, few", new(2, 4, 2, 3, 5, 2, 3), [.. Rules]);
        yield return Case("one query, everything at once", new(2, 4, 2, 1, 70, 6, 33), [.. Rules]) with { Emulate = false };
        yield return Case("130 queries, everything at once", new(1, 2, 1, 130, 130, 33, 20), [.. Rules]) with { Emulate = false, Tolerance = 5e-5 };
        yield return Fused("grouped", new(2, 4, 2, 6, 6, 3, 3), "causal");
        yield return Fused("grouped, everything at once", new(2, 4, 1, 70, 70, 16, 16), [.. Rules]) with { Emulate = false };
        yield return Case("no batch", new(0, 2, 2, 3, 4, 5, 5));
        yield return Case("one number", new(1, 1, 1, 1, 1, 1, 1));
        // A mask's axes, of which each may be 1.
        foreach (int[] mask in new int[][] { [2, 1, 1, 6], [1, 3, 1, 6], [1, 1, 4, 6], [2, 3, 1, 6], [2, 1, 4, 6], [1, 3, 4, 6], [3, 4, 6], [4, 6], [6] })
            foreach (bool flags in new[] { true, false })
                yield return new($"Attention {(flags ? "flags" : "added")} ({string.Join(", ", mask)})", x => x[0].Attention(x[1], x[2], 3, mask: x[3]),
                    Arg.Any(2, 4, 12), Arg.Any(2, 6, 12), Arg.Any(2, 6, 12), flags ? Arg.Flags(mask) : Arg.Any(mask).Constant);
        // The same axes where queries stand in lanes, with dropout.
        foreach (int[] mask in new int[][] { [1, 1, 1, 140], [2, 1, 1, 140], [1, 1, 40, 140], [1, 2, 40, 140] })
            foreach (bool flags in new[] { true, false })
                yield return new($"Attention of 40 queries, {(flags ? "flags" : "added")} ({string.Join(", ", mask)})", x => x[0].Attention(x[1], x[2], 2, new() { Dropout = 0.4, Rng = new Rng(5) { Position = 6 } }, x[3]),
                    Arg.Any(2, 40, 8), Arg.Any(2, 140, 8), Arg.Any(2, 140, 8), flags ? Arg.Flags(mask) : Arg.Any(mask).Constant)
                { Emulate = false, Tolerance = 5e-5 };
        foreach (int t in new[] { 6, 9, 32, 40 })
            yield return Case($"{t} queries of 150 keys, everything at once", new(2, 2, 1, t, 150, 5, 33), [.. Rules]) with { Emulate = false, Tolerance = 5e-5 };
        // Queries that see nothing: by mask, length, causality; the first keys, the first tile of keys, all.
        foreach (var (name, least) in new[] { ("first two keys", 2), ("first 300 keys", 300), ("every key", 400) })
            foreach (bool flags in new[] { true, false })
                foreach (int t in new[] { 5, 20 })
                {
                    var hides = new Arg([t, 400], flags ? DType.UInt8 : DType.Float32, (_, i) => i / 400 == 2 && i % 400 < least ? (flags ? 0 : float.NegativeInfinity) : flags ? 1 : 0, false);
                    yield return new($"Attention {(flags ? "flags" : "added")} hide the {name} of one query of {t}", x => x[0].Attention(x[1], x[2], 2, mask: x[3]),
                        Arg.Any(1, t, 6), Arg.Any(1, 400, 6), Arg.Any(1, 400, 6), hides)
                    { Emulate = false };
                }
        yield return new("Attention lengths of 0", x => x[0].Attention(x[1], x[2], 2, new() { KeyLengths = [0, 5, 0] }), Arg.Any(3, 5, 6), Arg.Any(3, 5, 6), Arg.Any(3, 5, 6));
        yield return new("Attention past", x => x[0].Attention(x[1], x[2], 2, new() { Causal = true, Past = 3 }), Arg.Any(2, 2, 6), Arg.Any(2, 20, 6), Arg.Any(2, 20, 6));
        yield return new("Attention past, one query", x => x[0].Attention(x[1], x[2], 2, new() { Causal = true, Past = 300 }), Arg.Any(2, 1, 6), Arg.Any(2, 600, 6), Arg.Any(2, 600, 6)) { Emulate = false };
        yield return new("Attention unused room of a cache is not read", x => x[0].Attention(x[1], x[2], 2, new() { Causal = true, Past = 3 }),
            Arg.Any(1, 2, 6), Unused(5, 9), Unused(5, 9));
        yield return new("Attention padding is not read", x => x[0].Attention(x[1], x[2], 2, new() { KeyLengths = [5] }), Arg.Any(1, 20, 6), Unused(5, 40), Unused(5, 40));
        // What is no number reaches what sees it, and no other.
        for (int input = 0; input < 3; input++)
        {
            int at = input;
            var c = new OpCase($"Attention NaN in input {at}", x => x[0].Attention(x[1], x[2], 2, new() { Causal = at == 1 }), Arg.Any(2, 20, 6), Arg.Any(2, 20, 6), Arg.Any(2, 20, 6)) { HasGradient = false };
            yield return c with { Arguments = [.. c.Arguments.Select((a, i) => i == at ? a with { Grad = false, Map = (u, n) => n == 70 ? float.NaN : 4 * u - 2 } : a.Constant)] };
        }
        yield return new("Attention large scores", x => (x[0] * 20).Attention(x[1], x[2], 2), Arg.Any(2, 9, 16), Arg.Any(2, 9, 16), Arg.Any(2, 9, 16)) { Tolerance = 2e-4 };
        // A mask that adds a large number to every score of a row: floats of its size lie 64 apart, and the row's weights are as without it.
        foreach (float large in new[] { -1e4f, -1e9f, 1e9f })
        {
            var zeros = new Arg([1, 3, 6], DType.Float32, (_, _) => 0, true);
            // At 1e9 central differences would see nothing of a key that is not 0.
            var keys = MathF.Abs(large) < 1e5f ? Arg.Any(1, 4, 6) : zeros with { Shape = [1, 4, 6] };
            var added = new Arg([3, 4], DType.Float32, (u, i) => i / 4 == 1 ? large : 2 * u - 1, false);
            yield return new(string.Create(CultureInfo.InvariantCulture, $"Attention {large} on a row"), x => x[0].Attention(x[1], x[2], 2, mask: x[3]), zeros, keys, Arg.Any(1, 4, 6), added);
            yield return new(string.Create(CultureInfo.InvariantCulture, $"Attention {large} on all rows"), x => x[0].Attention(x[1], x[2], 2, mask: x[3]), zeros, keys, Arg.Any(1, 4, 6),
                added with { Map = (_, _) => large });
        }
        yield return new("Attention scale", x => x[0].Attention(x[1], x[2], 2, new() { Scale = -0.3 }), Arg.Any(2, 3, 16), Arg.Any(2, 4, 16), Arg.Any(2, 4, 16));
        yield return new("Attention keys alone", x => x[0].Attention(x[1], x[2], 2), Arg.Any(2, 3, 16).Constant, Arg.Any(2, 4, 16), Arg.Any(2, 4, 16).Constant);
        yield return new("Attention not recorded", x => x[0].Attention(x[1], x[2], 2), Arg.Any(2, 3, 16).Constant, Arg.Any(2, 4, 16).Constant, Arg.Any(2, 4, 16).Constant) { HasGradient = false };
        // Several tiles of queries and of keys, and threads that share one head.
        yield return Case("several tiles", new(1, 1, 1, 300, 700, 16, 16), "causal") with { Emulate = false, HasGradient = false, Tolerance = 1e-4 };
        yield return Case("120 queries of 140 keys", new(1, 2, 1, 120, 140, 7, 8), "lengths", "dropout") with { Emulate = false, Tolerance = 5e-5 };
        yield return Case("130 queries of 33 keys of 70", new(1, 1, 1, 130, 33, 70, 66), "causal") with { Emulate = false, Tolerance = 5e-5 };
    }

    private static Arg Unused(int used, int all) => new([1, all, 6], DType.Float32, (u, i) => i / 6 < used ? 4 * u - 2 : float.NaN, true);

    private static OpCase Case(string name, AttentionSizes z, params string[] rules)
    {
        List<Arg> arguments = [Arg.Any(z.Batch, z.T, z.Heads * z.D), Arg.Any(z.Batch, z.S, z.KeyHeads * z.D), Arg.Any(z.Batch, z.S, z.KeyHeads * z.E)];
        if (Mask(z, rules) is { } mask) arguments.Add(mask);
        return new($"Attention {name}", x => x[0].Attention(x[1], x[2], z.Heads, Options(z, rules), x.ElementAtOrDefault(3)), [.. arguments]);
    }

    private static OpCase Fused(string name, AttentionSizes z, params string[] rules)
    {
        List<Arg> arguments = [Arg.Any(z.Batch, z.T, (z.Heads + 2 * z.KeyHeads) * z.D)];
        if (Mask(z, rules) is { } mask) arguments.Add(mask);
        return new($"SelfAttention {name}", x => x[0].SelfAttention(z.Heads, Options(z, rules), x.ElementAtOrDefault(1)), [.. arguments]);
    }

    private static AttentionOptions Options(AttentionSizes z, string[] rules) => new()
    {
        KeyHeads = z.KeyHeads,
        Causal = rules.Contains("causal"),
        KeyLengths = rules.Contains("lengths") ? [.. Enumerable.Range(0, z.Batch).Select(b => Math.Max(0, z.S - 2 - 3 * b))] : null,
        Dropout = rules.Contains("dropout") ? 0.4 : 0,
        Rng = new Rng(5) { Position = 6 },
    };

    /// <summary>With both rules, numbers to add, of which some hide; flags differ for each head, and numbers for each of the batch.</summary>
    private static Arg? Mask(AttentionSizes z, string[] rules)
        => rules.Contains("added") ? new([z.Batch, 1, z.T, z.S], DType.Float32, (u, _) => u < 0.2f && rules.Contains("flags") ? float.NegativeInfinity : 2 * u - 1, false)
            : rules.Contains("flags") ? Arg.Flags(1, z.Heads, z.T, z.S)
            : null;
}
