using System.Text;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Questions by what they ask for: ABBR, DESC, ENTY, HUM, LOC or NUM.</summary>
/// <remarks>Source: Li and Roth 2002, "Learning question classifiers"; https://github.com/harvardnlp/sent-conv-torch for the numbered form.</remarks>
public static class TrecQuestions
{
    /// <summary>The classes in the order in which sent-conv-torch numbers them.</summary>
    private static readonly string[] Numbered = ["DESC", "ENTY", "ABBR", "HUM", "LOC", "NUM"];

    /// <summary>The questions, from a folder that has the publisher's two files, whose lines begin with COARSE:fine, or TREC.train.all and TREC.test.all,
    /// whose lines begin with a number; Latin-1.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">A line does not begin with a class; the error names it.</exception>
    public static (LabelledTexts Train, LabelledTexts Test) ReadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var data = DatasetCatalog.Trec;
        string[]? names = new[] { [.. data.Files.Select(file => file.Name)], data.Unpacked[0].ToArray() }
            .FirstOrDefault(pair => pair.All(name => File.Exists(Path.Combine(folder, name))));
        if (names is null) throw new FileNotFoundException($"The folder {folder} has neither {string.Join(", ", data.Files.Select(file => file.Name))} nor {string.Join(", ", data.Unpacked[0])}.");
        return (Read(Path.Combine(folder, names[0])), Read(Path.Combine(folder, names[1])));
    }

    private static LabelledTexts Read(string path)
        => new(new LineFiles([path], Encoding.Latin1).Read(new Rng(0), default).Where(line => line.Text.Length > 0).Select(Parse), DatasetCatalog.Trec.ClassNames);

    private static LabelledText Parse(TextLine line)
    {
        int space = line.Text.IndexOf(' ');
        string label = space < 0 ? line.Text : line.Text[..space].Split(':')[0];
        if (label.Length == 1 && label[0] - '0' is >= 0 and var number && number < Numbered.Length) label = Numbered[number];
        for (int c = 0; c < Numbered.Length; c++)
            if (space >= 0 && DatasetCatalog.Trec.ClassNames[c] == label) return new LabelledText(line.Text[(space + 1)..], c);
        throw line.Error($"it does not begin with a class and a space. The classes are {string.Join(", ", DatasetCatalog.Trec.ClassNames)}, or 0 to {Numbered.Length - 1}.");
    }
}
