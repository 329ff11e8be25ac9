using System.Numerics.Tensors;
using Engine.Core;
using Engine.Kernels;
using Tensor = Engine.Core.Tensor;

namespace Engine.Layers;

/// <summary>Words with a vector each: read from a file, or made by a model.</summary>
public sealed partial class WordVectors
{
    private readonly string[] words;
    private readonly Dictionary<string, int> indices;
    private float[]? lengths;

    /// <summary>These words with these vectors.</summary>
    /// <param name="words">No two alike.</param>
    /// <param name="vectors">Float32, (words, size), on any device; copied, so that a model may go on learning.</param>
    /// <exception cref="ShapeException">There is not one row for each word.</exception>
    /// <exception cref="DTypeException">The vectors are not Float32.</exception>
    /// <exception cref="ArgumentException">A word is empty or comes twice.</exception>
    public WordVectors(IEnumerable<string> words, Tensor vectors)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(vectors);
        this.words = [.. words];
        if (vectors.Rank != 2 || vectors.Shape[0] != this.words.Length) throw new ShapeException($"The vectors {vectors.Describe()} must be (words, size), for {this.words.Length} words.");
        if (vectors.DType != DType.Float32) throw new DTypeException($"The vectors {vectors.Describe()} are {vectors.DType}, and must be Float32. Cast them.");
        using (NoGrad.Begin()) Vectors = (vectors.Device == Device.Cpu ? vectors.Clone() : vectors.To(Device.Cpu)).Outlive();
        indices = new Dictionary<string, int>(this.words.Length, StringComparer.Ordinal);
        for (int i = 0; i < this.words.Length; i++)
        {
            if (string.IsNullOrEmpty(this.words[i])) throw new ArgumentException($"Word {i} is empty.", nameof(words));
            if (!indices.TryAdd(this.words[i], i)) throw new ArgumentException($"'{this.words[i]}' is word {indices[this.words[i]]} and word {i}. Give each once.", nameof(words));
        }
    }

    /// <summary>The words, in order of their rows.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>Their vectors, (words, size), on the processor.</summary>
    public Tensor Vectors { get; }

    /// <summary>How many words.</summary>
    public int Count => words.Length;

    /// <summary>Numbers of a vector.</summary>
    public int Size => Vectors.Shape[1];

    /// <summary>Whether there is a vector of that word.</summary>
    public bool Contains(string word) => indices.ContainsKey(word);

    /// <summary>A word's row; −1 where it has none.</summary>
    public int IndexOf(string word) => indices.GetValueOrDefault(word, -1);

    /// <summary>A copy of a word's vector.</summary>
    /// <exception cref="KeyNotFoundException">There is no such word.</exception>
    public float[] this[string word]
    {
        get
        {
            int row = Row(word);
            return Vectors.Read<float, float[]>(all => all.Slice(row * Size, Size).ToArray());
        }
    }

    /// <summary>The words whose vectors have the greatest cosine with a word's, itself apart.</summary>
    /// <param name="word">The word.</param>
    /// <param name="count">How many; fewer where there are not as many.</param>
    /// <exception cref="KeyNotFoundException">There is no such word.</exception>
    public IReadOnlyList<WordNeighbour> Nearest(string word, int count = 10) => Nearest(this[word], count, word);

    /// <summary>The words whose vectors have the greatest cosine with a vector.</summary>
    /// <param name="vector">As long as the words' vectors.</param>
    /// <param name="count">How many; fewer where there are not as many.</param>
    /// <param name="without">Words that are left out.</param>
    /// <exception cref="ShapeException">The vector has another length.</exception>
    public IReadOnlyList<WordNeighbour> Nearest(ReadOnlySpan<float> vector, int count = 10, params ReadOnlySpan<string> without)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (vector.Length != Size) throw new ShapeException($"The vector has {vector.Length} numbers, and those of the words have {Size}.");
        float[] wanted = vector.ToArray(), cosines = Vectors.Read<float, float[]>(all => Cosines(all, wanted));
        var left = new HashSet<string>(without.ToArray(), StringComparer.Ordinal);
        return [.. Enumerable.Range(0, Count).Where(i => !left.Contains(words[i])).OrderByDescending(i => cosines[i]).Take(count).Select(i => new WordNeighbour(words[i], cosines[i]))];
    }

    /// <summary>What is to c as b is to a: the words nearest to b − a + c, each taken at length 1, these three apart.</summary>
    /// <param name="a">As "man".</param>
    /// <param name="b">Is to "king".</param>
    /// <param name="c">So is "woman" to the result.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="KeyNotFoundException">There is no such word.</exception>
    /// <remarks>Source: Mikolov, Yih and Zweig 2013, "Linguistic regularities in continuous space word representations".</remarks>
    public IReadOnlyList<WordNeighbour> Analogy(string a, string b, string c, int count = 10)
    {
        float[] sum = new float[Size];
        foreach (var (word, sign) in (ReadOnlySpan<(string, float)>)[(a, -1), (b, 1), (c, 1)])
        {
            float[] vector = this[word];
            float length = TensorPrimitives.Norm<float>(vector);
            if (length > 0) TensorPrimitives.MultiplyAdd(vector, sign / length, sum, sum);
        }
        return Nearest(sum, count, a, b, c);
    }

    /// <summary>An embedding of a vocabulary's tokens: those that are here have their vectors, and the others are drawn.</summary>
    /// <param name="tokens">In order of their ids.</param>
    /// <param name="rng">Draws the vectors of tokens that are not here.</param>
    /// <param name="frozen">Whether training leaves all of them as they are.</param>
    /// <param name="paddingIndex">The id of padding, whose vector is zeros and gets no gradient.</param>
    /// <param name="unknown">Draws the vectors of tokens that are not here; uniform around 0 with the variance of the vectors here if left out.</param>
    /// <param name="sparse">Keep the gradient as the rows looked up.</param>
    /// <exception cref="ArgumentException">There are no tokens.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such padding index.</exception>
    /// <remarks>Source of the variance: Kim 2014, arXiv:1408.5882, section 4.3.</remarks>
    public Embedding ToEmbedding(IReadOnlyList<string> tokens, Rng rng, bool frozen = false, int? paddingIndex = null, Init? unknown = null, bool sparse = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(rng);
        if (tokens.Count == 0) throw new ArgumentException("There are no tokens to embed.", nameof(tokens));
        using var noGrad = NoGrad.Begin();
        double bound = Count == 0 ? 0.25 : Math.Sqrt(3 * Vectors.Variance([], keepDims: false, correction: 0).Item());
        var table = (unknown ?? Init.Uniform(-bound, bound)).Draw([tokens.Count, Size], rng);
        int[] known = [.. Enumerable.Range(0, tokens.Count).Where(i => Contains(tokens[i]))];
        InPlace.SetRows(table, Tensor.From(known, [known.Length]), Vectors.GatherRows(Tensor.From([.. known.Select(i => IndexOf(tokens[i]))], [known.Length])));
        var layer = Embedding.FromPretrained(table, frozen, paddingIndex, sparse: sparse);
        if (layer.PaddingIndex is { } padding) InPlace.SetRows(layer.Parameters[0], Tensor.From([padding], [1]), Tensor.Zeros([1, Size]));
        return layer;
    }

    private int Row(string word) => indices.TryGetValue(word, out int row) ? row
        : throw new KeyNotFoundException($"There is no vector of '{word}' among {Count} words. Ask Contains first; most files have words in lower case alone.");

    // x·v / (‖x‖·‖v‖), 0 where either is 0
    private float[] Cosines(ReadOnlySpan<float> all, float[] vector)
    {
        float own = TensorPrimitives.Norm<float>(vector);
        float[] cosines = new float[Count], lengths = this.lengths ??= Lengths(all);
        for (int i = 0; i < cosines.Length; i++)
        {
            float product = lengths[i] * own;
            cosines[i] = product > 0 ? TensorPrimitives.Dot(all.Slice(i * Size, Size), vector) / product : 0;
        }
        return cosines;
    }

    private float[] Lengths(ReadOnlySpan<float> all)
    {
        var found = new float[Count];
        for (int i = 0; i < found.Length; i++) found[i] = TensorPrimitives.Norm(all.Slice(i * Size, Size));
        return found;
    }
}

/// <summary>A word, and how like its vector is to another.</summary>
/// <param name="Word">The word.</param>
/// <param name="Cosine">Of the angle between the two, 1 for the same direction.</param>
public readonly record struct WordNeighbour(string Word, double Cosine);
