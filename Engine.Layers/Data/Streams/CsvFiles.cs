using System.Text;
using Engine.Core;

namespace Engine.Layers;

/// <summary>A record of a file of separated values.</summary>
/// <param name="Fields">Their text, without the quotes.</param>
/// <param name="Line">The line that it begins on, for errors.</param>
public readonly record struct CsvRecord(string[] Fields, TextLine Line);

/// <summary>The records of many files of comma- or tab-separated values, .gz or plain, of any length: one is open at a time, and one record of it in memory.
/// A field in quotes may hold separators, doubled quotes and line ends.</summary>
/// <remarks>Source: RFC 4180. Fields are text: parse them in a <see cref="MapCollator{TSource, T}"/>, on all workers.</remarks>
public sealed class CsvFiles : IStreamingDataset<CsvRecord>
{
    private readonly LineFiles lines;
    private readonly char separator;
    private readonly bool quotes;
    private readonly int? fields;
    private readonly int longest;

    /// <summary>Files of records.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="separator">Between fields: ',', or '\t' or ';'.</param>
    /// <param name="fields">How many fields each record must have; any number unless given.</param>
    /// <param name="quotes">Whether a field that begins with a quote goes on to the next one; not so in many tab-separated files.</param>
    /// <param name="encoding">UTF-8 unless given.</param>
    /// <param name="skipLines">Lines to pass over at the beginning of each file: headings.</param>
    /// <param name="shuffleFiles">Whether each epoch has the files in an order of its own.</param>
    /// <param name="longest">Bytes of a line, and characters of a record, at most.</param>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    /// <exception cref="ArgumentException">\n is not one byte in that encoding.</exception>
    public CsvFiles(IEnumerable<string> paths, char separator = ',', int? fields = null, bool quotes = true, Encoding? encoding = null, int skipLines = 0,
        bool shuffleFiles = false, int longest = 1 << 20)
    {
        lines = new LineFiles(paths, encoding, skipLines, shuffleFiles, longest);
        (this.separator, this.fields, this.quotes, this.longest) = (separator, fields, quotes, longest);
    }

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">A quote is not closed or something follows a closed one, a record has another number of fields than it must, a
    /// line is too long or not in the encoding, or the gzip is damaged.</exception>
    public IEnumerable<CsvRecord> Read(Rng rng, CancellationToken cancel)
    {
        using var rest = lines.Read(rng, cancel).GetEnumerator();
        while (rest.MoveNext())
        {
            var first = rest.Current;
            if (first.Text.Length == 0) continue;
            string[] record = Split(first, rest);
            if (fields is { } must && record.Length != must)
                throw first.Error($"the record has {record.Length} fields, and each must have {must}. Is '{separator}' what separates them?");
            yield return new CsvRecord(record, first);
        }
    }

    private string[] Split(TextLine first, IEnumerator<TextLine> rest)
    {
        if (!quotes) return first.Text.Split(separator);
        long length = first.Text.Length;
        try
        {
            return CsvLine.Split(first.Text, separator, () =>
            {
                if (!rest.MoveNext() || rest.Current.File != first.File) return null;
                length += rest.Current.Text.Length;
                if (length > longest) throw new FormatException($"The record that begins here is over {longest:N0} characters: a quote is not closed, or longest must be more.");
                return rest.Current.Text;
            });
        }
        catch (FormatException e)
        {
            throw first.Error($"{e.Message} A quote within a quoted field is doubled; for files whose quotes mean nothing, let quotes be false.", e);
        }
    }
}
