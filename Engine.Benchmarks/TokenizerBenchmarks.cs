using BenchmarkDotNet.Attributes;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>A million characters of drawn words: cut into tokens by one thread, and tokens found in them.</summary>
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private static readonly string[] Texts = Draw(new Core.Rng(1));
    private static readonly WordPieceTokenizer Pieces = WordPieceTokenizer.Train(Texts, new() { Size = Size });
    private static readonly ByteLevelBpe Pairs = ByteLevelBpe.Train(Texts, new() { Size = Size });

    private const int Size = 2000;

    [Benchmark]
    public int WordPieces() => Texts.Sum(text => Pieces.Encode(text).Length);

    [Benchmark]
    public int BytePairs() => Texts.Sum(text => Pairs.Encode(text).Length);

    [Benchmark]
    public int TrainWordPieces() => WordPieceTokenizer.Train(Texts, new() { Size = Size }).Count;

    [Benchmark]
    public int TrainBytePairs() => ByteLevelBpe.Train(Texts, new() { Size = Size }).Count;

    /// <summary>Words of syllables, short ones more often.</summary>
    private static string[] Draw(Core.Rng rng)
    {
        string[] syllables = ["a", "the", "in", "g", "er", "ly", "con", "st", "ra", "mi", "tion", "ed", "o", "pre", "un", "ble", "s", "wor", "ld", "é"];
        return [.. Enumerable.Range(0, 1000).Select(_ => string.Join(' ', Enumerable.Range(0, 170).Select(_ =>
            string.Concat(Enumerable.Range(0, 1 + Math.Min(rng.NextInt(4), rng.NextInt(4))).Select(_ => syllables[rng.NextInt(syllables.Length)])))) + ".")];
    }
}
