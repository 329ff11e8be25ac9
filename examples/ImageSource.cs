using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Images to train and to test with, and what their classes are called.</summary>
internal sealed record ImageSource(string Name, LabelledImages Train, LabelledImages Test, IReadOnlyList<string> ClassNames)
{
    private const int DrawnTrain = 12_000, DrawnTest = 2_000;

    private static readonly ImageFiles[] Known = [ImageFiles.FashionMnist, ImageFiles.Mnist];

    /// <summary>Whether an image's mirror image is of the same class, as with clothes, and not with digits.</summary>
    public bool MayBeMirrored => Name == ImageFiles.FashionMnist.Name;

    /// <summary>Finds images by the name of a published set, or reads them from a folder. Where a published set is nowhere to be had, draws
    /// digits instead, and says so.</summary>
    public static async Task<ImageSource> Find(string data, CancellationToken cancel)
    {
        var set = Known.FirstOrDefault(known => known.Name == data);
        if (set is null) return Directory.Exists(data) ? Read(data, data, ImageFiles.Mnist.ClassNames)
            : throw new UserException($"There is no data called '{data}', and no such folder. Give {string.Join(", ", Known.Select(known => known.Name))}, or a folder with the four IDX files.");
        var folders = new DataFolders();
        try
        {
            string folder = folders.Find(set) ?? await Download(folders, set, cancel);
            return Read(set.Name, folder, set.ClassNames);
        }
        catch (IOException e) when (folders.Find(set) is null)
        {
            Console.Error.WriteLine($"{set.Name} was not found: {e.Message}");
            Console.Error.WriteLine($"Training on {DrawnTrain:N0} digits drawn here instead.");
            return new ImageSource("drawn digits", DrawnDigits.Draw(DrawnTrain, new Rng(1)), DrawnDigits.Draw(DrawnTest, new Rng(2)), ImageFiles.Mnist.ClassNames);
        }
    }

    /// <summary>At most so many of each.</summary>
    public ImageSource Take(int limit) => this with { Train = Train.Take(limit), Test = Test.Take(limit) };

    private static ImageSource Read(string name, string folder, IReadOnlyList<string> classes)
    {
        var (train, test) = ImageFiles.Read(folder);
        if (train.Count == 0 || test.Count == 0) throw new UserException($"{folder} has {train.Count} training and {test.Count} test images. It needs some of both.");
        foreach (var images in new[] { train, test })
            if (images.Height != 28 || images.Width != 28) throw new UserException($"The images in {folder} are {images.Height}×{images.Width}, and this network takes 28×28.");
        return new ImageSource(name, train, test, classes);
    }

    private static Task<string> Download(DataFolders folders, ImageFiles set, CancellationToken cancel)
    {
        Console.Error.WriteLine($"Downloading {set.Name} from {set.Publisher} to {folders.Cache} ...");
        return folders.DownloadAsync(set, cancel: cancel);
    }
}
