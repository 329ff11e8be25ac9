using System.IO.Compression;
using System.Text;
using Engine.Core;

namespace Engine.Layers;

/// <summary>A sentence in two languages.</summary>
/// <param name="Source">In the one.</param>
/// <param name="Target">In the other.</param>
/// <param name="Attribution">Whose they are; empty where the file does not say.</param>
public readonly record struct SentencePair(string Source, string Target, string Attribution);

/// <summary>Sentences in two languages: a line a pair, tab-separated, then maybe whose they are.</summary>
/// <remarks>Source: https://www.manythings.org/anki/, from Tatoeba.</remarks>
public static class SentencePairs
{
    /// <summary>The pairs of a file, .gz or plain, UTF-8.</summary>
    /// <exception cref="DataFormatException">A line has not two sentences, or is not UTF-8; the error names it.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SentencePair[] Read(string path) => [.. new CsvFiles([path], '\t', quotes: false).Read(new Rng(0), default).Select(record => Parse(record))];

    /// <summary>English and French, from a folder that has the publisher's archive or its file.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <inheritdoc cref="Read"/>
    public static SentencePair[] ReadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var data = DatasetCatalog.EngFra;
        foreach (var names in data.Unpacked)
            if (Path.Combine(folder, names[0]) is var path && File.Exists(path)) return Read(path);
        string archive = Path.Combine(folder, data.Files[0].Name);
        if (!File.Exists(archive)) throw new FileNotFoundException($"The folder {folder} has neither {data.Files[0].Name} nor {string.Join(" nor ", data.Unpacked.Select(names => names[0]))}.");
        return ReadArchive(archive, data.Unpacked[0][0]);
    }

    private static SentencePair[] ReadArchive(string archive, string name)
    {
        try
        {
            using var zip = ZipFile.OpenRead(archive);
            var entry = zip.GetEntry(name) ?? throw new DataFormatException(archive, 0, $"it lacks {name}. It is another archive.");
            using var reader = new StreamReader(entry.Open(), Strict.Utf8);
            var pairs = new List<SentencePair>();
            for (long number = 1; reader.ReadLine() is { } text; number++)
                if (text.Length > 0) pairs.Add(Parse(new CsvRecord(text.Split('\t'), new TextLine(text, $"{archive}:{name}", number))));
            return [.. pairs];
        }
        catch (Exception e) when (e is InvalidDataException or DecoderFallbackException)
        {
            throw new DataFormatException(archive, 0, $"it is no whole zip archive of UTF-8 text: {e.Message.TrimEnd('.')}. Get it again.", e);
        }
    }

    private static SentencePair Parse(CsvRecord record) => record.Fields is [{ Length: > 0 } source, { Length: > 0 } target, .. var rest]
        ? new SentencePair(source, target, rest.Length > 0 ? rest[0] : "")
        : throw record.Line.Error($"there are not two sentences with a tab between them, but {record.Fields.Length} field{(record.Fields.Length == 1 ? "" : "s")}.");
}
