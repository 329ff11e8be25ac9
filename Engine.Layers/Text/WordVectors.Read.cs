using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Core;

namespace Engine.Layers;

public sealed partial class WordVectors
{
    /// <summary>Reads a file of vectors, a word at a time; only what is wanted of it is kept.</summary>
    /// <param name="path">The file, .gz or plain.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="wanted">Which words to keep, those of a vocabulary for instance; all unless given.</param>
    /// <param name="progress">Told how many words were read, every thousand.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is empty, cut short or not of that format: a line has more numbers than another or fewer, or what is no
    /// finite number; a word comes twice, is empty or is not UTF-8. The error names the line, or in a binary file the word.</exception>
    public static WordVectors Read(string path, WordVectorFormat format, Func<string, bool>? wanted = null, IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        var found = new Found(wanted, progress);
        if (format == WordVectorFormat.Word2VecBinary) WordVectorBinary.Read(path, found, cancel);
        else ReadLines(path, format == WordVectorFormat.Word2VecText, found, cancel);
        return found.Vectors();
    }

    private static void ReadLines(string path, bool hasHeader, Found found, CancellationToken cancel)
    {
        using var lines = new LineFiles([path]).Read(new Rng(0), cancel).GetEnumerator();
        if (!lines.MoveNext()) throw Empty(path);
        long? count = null;
        var last = lines.Current;
        if (hasHeader)
        {
            (count, long size) = Header(last.Text, problem => lines.Current.Error(problem));
            if (!lines.MoveNext()) throw last.Error($"the file ends here, and is to have {count} words. It was cut short; get it again.");
            int there = lines.Current.Text.AsSpan().TrimEnd(' ').Count(' ');
            if (size > there) throw lines.Current.Error($"it has {there} numbers, and the first line tells of {size}. The file is damaged, or its first line is wrong.");
            found.Begin((int)size);
        }
        else
        {
            int size = last.Text.AsSpan().TrimEnd(' ').Count(' ');
            if (size == 0) throw last.Error("it has no numbers. A line is a word and its numbers, with a space between them.");
            found.Begin(size);
        }
        var numbers = new float[found.Size];
        do
        {
            last = lines.Current;
            if (found.Seen == count) throw last.Error($"it is one line more than the {count} words that the first line tells of. The file is damaged, or its first line is wrong.");
            found.Add(Split(last, numbers), numbers, problem => lines.Current.Error(problem));
        }
        while (lines.MoveNext());
        if (count is not null && found.Seen < count) throw last.Error($"the file ends here, after {found.Seen} of the {count} words that its first line tells of. It was cut short; get it again.");
    }

    /// <summary>Numbers are cut off from the end, for there are words with spaces in them; the word is what is left.</summary>
    private static string Split(TextLine line, Span<float> numbers)
    {
        var text = line.Text.AsSpan().TrimEnd(' ');
        for (int i = numbers.Length - 1; i >= 0; i--)
        {
            int space = text.LastIndexOf(' ');
            if (space < 0) throw line.Error($"it has {numbers.Length - 1 - i} numbers, and the lines before it {numbers.Length}.{FirstLine(line)}");
            if (!Number(text[(space + 1)..], out numbers[i]))
                throw line.Error($"'{text[(space + 1)..]}' is not a finite number, and a line ends with {numbers.Length} of them.{FirstLine(line)}");
            text = text[..space];
        }
        int before = text.LastIndexOf(' ');
        if (before >= 0 && Number(text[(before + 1)..], out _)) throw line.Error($"it has more numbers than the {numbers.Length} of the lines before it.{FirstLine(line)}");
        return text.ToString();
    }

    private static string FirstLine(TextLine line) => line.Number == 2 ? " Is the first line a count of words and a size, as word2vec writes it? Read it as that format then." : "";

    private static bool Number(ReadOnlySpan<char> text, out float number)
        => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && float.IsFinite(number);

    /// <summary>The count of words and the size of a vector.</summary>
    internal static (long Count, long Size) Header(string line, Func<string, DataFormatException> error)
    {
        string[] parts = line.TrimEnd(' ').Split(' ');
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long count) || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            || count < 1 || size < 1)
            throw error($"'{(line.Length > 40 ? line[..40] + "…" : line)}' is not a count of words and the size of a vector, with which word2vec's files begin. Is it a file of GloVe's, which have no such line?");
        return (count, size);
    }

    internal static DataFormatException Empty(string path) => new(path, 0, "the file is empty. Get it again.");

    /// <summary>The words that were read so far.</summary>
    internal sealed class Found(Func<string, bool>? wanted, IProgress<int>? progress)
    {
        private readonly List<string> words = [];
        private readonly List<float> numbers = [];
        private readonly HashSet<string> known = new(StringComparer.Ordinal);

        public int Size { get; private set; }

        /// <summary>Words read, those that are not wanted among them.</summary>
        public int Seen { get; private set; }

        public void Begin(int size) => Size = size;

        public void Add(string word, ReadOnlySpan<float> vector, Func<string, DataFormatException> error)
        {
            if (word.Length == 0) throw error("there is no word before the numbers.");
            if (++Seen % 1000 == 0) progress?.Report(Seen);
            if (wanted?.Invoke(word) == false) return;
            if (!known.Add(word)) throw error($"the word '{word}' came before. Each word has one vector; take one of the two away.");
            if ((long)numbers.Count + Size > Array.MaxLength) throw error($"with this word there are more than {Array.MaxLength:N0} numbers, and one tensor holds no more. Say which words are wanted.");
            words.Add(word);
            numbers.AddRange(vector);
        }

        public WordVectors Vectors() => new(words, Tensor.From(CollectionsMarshal.AsSpan(numbers), [words.Count, Size]));
    }
}
