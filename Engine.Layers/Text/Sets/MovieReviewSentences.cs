using System.Text;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Sentences of film reviews, negative (0) and positive (1): the set called MR. It is not cut into training and test; the field takes ten folds.</summary>
/// <remarks>Source: Pang and Lee 2005, "Seeing stars".</remarks>
public static class MovieReviewSentences
{
    private static readonly string[] Names = ["rt-polarity.neg", "rt-polarity.pos"];

    /// <summary>The sentences, the negative ones first, from a folder that has the publisher's archive or its two files; Latin-1.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">The archive is damaged or lacks one of them.</exception>
    public static LabelledTexts ReadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var data = DatasetCatalog.RtPolarity;
        foreach (var names in data.Unpacked)
        {
            string[] paths = [.. names.Select(name => Path.Combine(folder, name))];
            if (paths.All(File.Exists)) return Of(paths.Select(path => new LineFiles([path], Encoding.Latin1).Read(new Rng(0), default).Select(line => line.Text)));
        }
        string archive = Path.Combine(folder, data.Files[0].Name);
        if (!File.Exists(archive)) throw new FileNotFoundException($"The folder {folder} has neither {data.Files[0].Name} nor {string.Join(", ", Names)}.");
        var found = TextFiles.ReadArchive(archive, name => Names.Contains(NameOf(name)), Encoding.Latin1).ToDictionary(document => NameOf(document.Name), document => document.Text);
        if (Names.FirstOrDefault(name => !found.ContainsKey(name)) is { } lacking) throw new DataFormatException(archive, 0, $"it lacks {lacking}. It is another archive, or was cut short.");
        return Of(Names.Select(name => found[name].Split('\n')));
    }

    private static LabelledTexts Of(IEnumerable<IEnumerable<string>> sides)
        => new(sides.SelectMany((lines, side) => lines.Select(line => line.Trim()).Where(line => line.Length > 0).Select(line => new LabelledText(line, side))), DatasetCatalog.RtPolarity.ClassNames);

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
