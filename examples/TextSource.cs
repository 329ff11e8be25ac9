using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Texts to train and to test with, in classes.</summary>
internal sealed record TextSource(string Name, LabelledTexts Train, LabelledTexts Test)
{
    /// <summary>Of the twenty newsgroups, the alphabetically first.</summary>
    private const int Groups = 10;

    /// <summary>Finds texts by the name of a published set, imdb or 20newsgroups, of which the first ten groups are taken; downloads them where they are not
    /// on this machine.</summary>
    /// <param name="name">Of the set.</param>
    /// <param name="limit">The most training and the most test texts; those drawn do not depend on the run's seed.</param>
    /// <param name="cancel">Ends a download.</param>
    public static async Task<TextSource> Find(string name, int limit, CancellationToken cancel)
    {
        var (set, read) = name switch
        {
            "imdb" => (DatasetCatalog.Imdb, (Func<string, (LabelledTexts, LabelledTexts)>)ImdbReviews.ReadFolder),
            "20newsgroups" => (DatasetCatalog.Newsgroups20, NewsgroupPosts.ReadFolder),
            _ => throw new UserException($"There are no texts called '{name}'. Give imdb or 20newsgroups."),
        };
        var folders = new DataFolders();
        if (folders.Find(set) is not { } folder)
        {
            Console.Error.WriteLine($"Downloading {set.Name} from {set.Page} to {folders.Cache} ...");
            folder = await folders.DownloadAsync(set, cancel: cancel);
        }
        var (train, test) = read(folder);
        if (set == DatasetCatalog.Newsgroups20) (train, test) = (train.FirstClasses(Groups), test.FirstClasses(Groups));
        return new TextSource(name, train.Sample(limit, new Rng(1)), test.Sample(limit, new Rng(2)));
    }
}
