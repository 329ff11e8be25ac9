using System.Security.Cryptography;
using Engine.Layers;

namespace Engine.Tests;

public class DataFoldersTests
{
    private TemporaryFolder folder = null!;
    private DataFolders folders = null!;

    [SetUp]
    public void Make()
    {
        folder = new TemporaryFolder();
        folders = new DataFolders { Given = folder.File("given"), Cache = folder.File("cache"), System = folder.File("system"), Patience = TimeSpan.FromSeconds(5), Retries = 0 };
    }

    [TearDown]
    public void Drop() => folder.Dispose();

    private static byte[] Images(int count) => IdxFileTests.Zip(IdxFileTests.Idx([count, 2, 2], new byte[count * 4]));

    private static byte[] Labels(int count) => IdxFileTests.Zip(IdxFileTests.Idx([count], new byte[count]));

    private static byte[][] Four => [Images(3), Labels(3), Images(2), Labels(2)];

    private void Fill(string where, string name)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder.File(where), name)).FullName;
        for (int i = 0; i < 4; i++) File.WriteAllBytes(Path.Combine(path, ImageFiles.Files[i]), Four[i]);
    }

    private static PublishedDataset Data(Uri publisher) => new("toy", "four files", publisher, "none",
        [.. Four.Select((f, i) => new PublishedFile(ImageFiles.Files[i], [new Uri(publisher, ImageFiles.Files[i])], f.Length, Digest.Md5(Convert.ToHexString(MD5.HashData(f)))))]);

    [Test]
    public void Find_LooksInTheGivenFolderThenTheCacheThenTheSystems()
    {
        var data = Data(new Uri("http://localhost/"));
        Assert.That(folders.Find(data), Is.Null);
        foreach (string where in new[] { "system", "cache", "given" })
        {
            Fill(where, "toy");
            Assert.That(folders.Find(data), Is.EqualTo(Path.Combine(folder.File(where), "toy")));
        }
        File.Delete(Path.Combine(folder.File("given"), "toy", ImageFiles.Files[3]));
        Assert.That(folders.Find(data), Is.EqualTo(Path.Combine(folder.File("cache"), "toy")), "a folder that lacks a file is passed over");
    }

    [Test]
    public void Read_AFolderThatLacksAFile_NamesIt()
    {
        Fill("given", "toy");
        string path = Path.Combine(folder.File("given"), "toy");
        Assert.That(ImageFiles.Read(path).Test.Count, Is.EqualTo(2));
        File.Delete(Path.Combine(path, ImageFiles.Files[1]));
        Assert.That(() => ImageFiles.Read(path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(ImageFiles.Files[1]));
    }

    [Test]
    public void Find_TakesTheFolderThatTheUserNames_First()
    {
        var data = Data(new Uri("http://localhost/")) with { Unpacked = [["all/one.bin"]], OtherNames = ["toys"] };
        Fill("given", "toy");
        Fill("named", "");
        Assert.That(new DataFolders { Named = folder.File("named"), Given = folder.File("given") }.Find(data), Is.EqualTo(folder.File("named")));
        string unpacked = Directory.CreateDirectory(Path.Combine(folder.File("other"), "toys", "all")).FullName;
        var other = new DataFolders { Named = folder.File("other"), Given = folder.File("given") };
        Assert.That(other.Find(data), Is.EqualTo(Path.Combine(folder.File("given"), "toy")));
        File.WriteAllBytes(Path.Combine(unpacked, "one.bin"), []);
        Assert.That(other.Find(data), Is.EqualTo(Path.Combine(folder.File("other"), "toys")));
    }

    [Test]
    public async Task Download_PutsWholeFilesIntoTheCache()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Four[ImageFiles.Files.ToList().IndexOf(request.Path[1..])]));
        var data = Data(server.Address);
        string where = await folders.DownloadAsync(data);
        Assert.That(where, Is.EqualTo(folders.Find(data)));
        Assert.That(ImageFiles.Read(where).Train.Count, Is.EqualTo(3));
        Assert.That(Directory.GetFiles(where), Has.Length.EqualTo(4));
        File.Delete(Path.Combine(where, ImageFiles.Files[2]));
        await folders.DownloadAsync(data);
        Assert.That(server.Requests, Has.Length.EqualTo(5), "only what is lacking");
    }

    [Test]
    public void Download_ThatFails_NamesTheFile()
    {
        using var server = new LocalServer(_ => LocalServer.Head(404, 0));
        Assert.That(async () => await folders.DownloadAsync(Data(server.Address)),
            Throws.InstanceOf<IOException>().With.Message.Contains("404").And.Message.Contains(ImageFiles.Files[0]));
        Assert.That(Directory.GetFiles(Path.Combine(folders.Cache, "toy")), Is.Empty);
    }
}
