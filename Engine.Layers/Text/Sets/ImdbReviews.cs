namespace Engine.Layers;

/// <summary>IMDB's film reviews, negative (0) and positive (1).</summary>
/// <remarks>Source: Maas, Daly, Pham, Huang, Ng and Potts 2011, "Learning word vectors for sentiment analysis".</remarks>
public static class ImdbReviews
{
    /// <summary>The labelled reviews, from a folder that has the publisher's archive or what it unpacks to. Line breaks are &lt;br /&gt; in them.</summary>
    /// <exception cref="FileNotFoundException">The folder has neither.</exception>
    /// <exception cref="DataFormatException">The archive is damaged or lacks a part.</exception>
    public static (LabelledTexts Train, LabelledTexts Test) ReadFolder(string folder)
        => PublishedTexts.Read(folder, DatasetCatalog.Imdb, ["neg", "pos"], null, text => text);
}
