using System.Text;

namespace Engine.Layers;

/// <summary>Published texts that are cut into training and test, with a folder for each class: …train/CLASS/FILE and …test/CLASS/FILE.</summary>
internal static class PublishedTexts
{
    /// <summary>Both parts, from a folder that has the publisher's archive or what it unpacks to.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="data">The set.</param>
    /// <param name="classNames">The folders of its classes; all that there are unless given.</param>
    /// <param name="encoding">UTF-8 unless given.</param>
    /// <param name="make">Makes of a document's text what is kept of it.</param>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">The archive is damaged or lacks a part.</exception>
    public static (LabelledTexts Train, LabelledTexts Test) Read(string folder, PublishedDataset data, string[]? classNames, Encoding? encoding, Func<string, string> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        bool Wanted(string name) => PartOf(name) is not null && (classNames is null || classNames.Contains(name.Split('/')[^2]));
        string archive = Path.Combine(folder, data.Files[0].Name);
        bool packed = File.Exists(archive);
        if (!packed && !data.IsIn(folder)) throw new FileNotFoundException($"The folder {folder} has neither {data.Files[0].Name} nor what it unpacks to, {data.Unpacked[0][0]} and the others.");
        var documents = packed ? TextFiles.ReadArchive(archive, Wanted, encoding) : TextFiles.ReadFolder(folder, Wanted, encoding);
        var parts = documents.Select(document => document with { Text = make(document.Text) }).ToLookup(document => PartOf(document.Name));
        foreach (string part in new[] { Train, Test })
            if (!parts[part].Any()) throw new DataFormatException(packed ? archive : folder, 0, $"there is no text in its {part} folder. It is another archive, or was cut short.");
        var train = LabelledTexts.ByFolder(parts[Train], classNames);
        return (train, LabelledTexts.ByFolder(parts[Test], train.ClassNames));
    }

    private const string Train = "train", Test = "test";

    private static string? PartOf(string name)
    {
        string[] parts = name.Split('/');
        if (parts.Length < 3) return null;
        return parts[^3].EndsWith(Train, StringComparison.Ordinal) ? Train : parts[^3].EndsWith(Test, StringComparison.Ordinal) ? Test : null;
    }
}
