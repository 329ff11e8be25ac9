using System.Text;

namespace Engine.Layers;

/// <summary>Posts to twenty newsgroups, cut by date into training and test; a class is a group, in alphabetical order.</summary>
/// <remarks>Source: Lang 1995, "NewsWeeder: learning to filter netnews".</remarks>
public static class NewsgroupPosts
{
    /// <summary>The posts without their headers, from a folder that has the publisher's archive or what it unpacks to.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">The archive is damaged or lacks a part.</exception>
    public static (LabelledTexts Train, LabelledTexts Test) ReadFolder(string folder)
        => PublishedTexts.Read(folder, DatasetCatalog.Newsgroups20, null, Encoding.Latin1, WithoutHeaders);

    /// <summary>What follows the first empty line; nothing where there is none.</summary>
    internal static string WithoutHeaders(string post)
    {
        string text = post.ReplaceLineEndings("\n");
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        return end < 0 ? "" : text[(end + 2)..];
    }
}
