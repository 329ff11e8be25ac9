using Engine.Core;

namespace Engine.Layers;

/// <summary>A text and its class.</summary>
/// <param name="Text">As it was read.</param>
/// <param name="Class">From 0 on.</param>
public readonly record struct LabelledText(string Text, int Class);

/// <summary>Texts with their classes, in memory.</summary>
public sealed class LabelledTexts : IDataset<LabelledText>
{
    private readonly LabelledText[] texts;

    /// <summary>These texts.</summary>
    /// <param name="texts">In order.</param>
    /// <param name="classNames">What the classes are called, in order.</param>
    /// <exception cref="ArgumentException">A text's class is none of them.</exception>
    public LabelledTexts(IEnumerable<LabelledText> texts, IEnumerable<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(classNames);
        (this.texts, ClassNames) = ([.. texts], [.. classNames]);
        for (int i = 0; i < Count; i++)
            if ((uint)this.texts[i].Class >= (uint)ClassNames.Count) throw new ArgumentException($"Text {i} is of class {this.texts[i].Class}, and there are {ClassNames.Count} classes.", nameof(texts));
    }

    /// <summary>Texts that lie in a folder for each class: the class is the last folder of a document's name.</summary>
    /// <param name="documents">What <see cref="TextFiles"/> read.</param>
    /// <param name="classNames">The folders, in order of the classes; documents of others are left out. All of them in ordinal order unless given.</param>
    /// <exception cref="DataFormatException">A document lies in no folder.</exception>
    public static LabelledTexts ByFolder(IEnumerable<TextDocument> documents, IEnumerable<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var all = documents.Select(document => (document.Text, Folder: FolderOf(document.Name))).ToArray();
        string[] names = classNames?.ToArray() ?? [.. all.Select(one => one.Folder).Distinct().Order(StringComparer.Ordinal)];
        var classes = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return new LabelledTexts(all.Where(one => classes.ContainsKey(one.Folder)).Select(one => new LabelledText(one.Text, classes[one.Folder])), names);
    }

    /// <summary>What the classes are called, in order.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The texts, in order.</summary>
    public IEnumerable<string> Texts => texts.Select(one => one.Text);

    /// <inheritdoc/>
    public int Count => texts.Length;

    /// <inheritdoc/>
    public LabelledText Get(int index, Rng rng) => texts[index];

    /// <summary>The texts of the first classes.</summary>
    public LabelledTexts FirstClasses(int count) => new(texts.Where(one => one.Class < count), ClassNames.Take(count));

    /// <summary>So many of the texts, drawn at random, in their order; all where there are not more.</summary>
    public LabelledTexts Sample(int count, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(rng);
        return count >= Count ? this : new LabelledTexts(rng.Permutation(Count).Take(count).Order().Select(i => texts[i]), ClassNames);
    }

    /// <summary>The ids of each text's tokens, with its class; worked out now, on all cores.</summary>
    public LabelledTokens[] Encode(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var encoded = new LabelledTokens[Count];
        Parallel.For(0, Count, i => encoded[i] = new LabelledTokens(tokenizer.Encode(texts[i].Text), texts[i].Class));
        return encoded;
    }

    /// <summary>Each text encoded, with its class; worked out now, on all cores. <see cref="EncodedTextCollator"/> makes batches of them.</summary>
    /// <param name="tokenizer">Encodes.</param>
    /// <param name="options">How: the longest a model takes, say.</param>
    /// <exception cref="ArgumentException">What <see cref="SubwordTokenizer.EncodeAll"/> refuses.</exception>
    public LabelledEncoding[] Encode(SubwordTokenizer tokenizer, EncodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return [.. tokenizer.EncodeAll([.. Texts], options: options).Select((text, i) => new LabelledEncoding(text, texts[i].Class))];
    }

    private static string FolderOf(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length > 1 ? parts[^2] : throw new DataFormatException(name, 0, "the file lies in no folder, and its folder is its class. Put the files of each class into a folder.");
    }
}
