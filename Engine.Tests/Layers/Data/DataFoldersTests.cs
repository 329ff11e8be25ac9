using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
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
        folders = new DataFolders { Given = folder.File("given"), Cache = folder.File("cache"), System = folder.File("system"), Patience = TimeSpan.FromSeconds(5) };
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

    private static ImageFiles Data(Uri publisher) => new("toy", publisher, ["a"], [.. Four.Select(f => Convert.ToHexStringLower(MD5.HashData(f)))]);

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

    /// <summary>Answers each request with what it is told to, then hangs up or holds the line.</summary>
    private static Uri Serve(TcpListener listener, Func<string, byte[]> answer, bool hold = false)
    {
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var request = new byte[4096];
                int got = await stream.ReadAsync(request);
                string path = Encoding.ASCII.GetString(request, 0, got).Split(' ')[1];
                await stream.WriteAsync(answer(path[1..]));
                if (hold) await Task.Delay(TimeSpan.FromSeconds(5));
            }
        });
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    private static byte[] Ok(byte[] body, int promised = -1)
        => [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {(promised < 0 ? body.Length : promised)}\r\nConnection: close\r\n\r\n"), .. body];

    [Test]
    public async Task Download_PutsWholeFilesIntoTheCache()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        var data = Data(Serve(listener, path => Ok(Four[ImageFiles.Files.ToList().IndexOf(path)])));
        string where = await folders.DownloadAsync(data);
        Assert.That(where, Is.EqualTo(folders.Find(data)));
        Assert.That(ImageFiles.Read(where).Train.Count, Is.EqualTo(3));
        Assert.That(Directory.GetFiles(where), Has.Length.EqualTo(4));
    }

    [TestCase("404", "404")]
    [TestCase("cut", "could not be downloaded")]
    [TestCase("other", "MD5")]
    [TestCase("silent", "no answer")]
    [TestCase("silent within", "no answer")]
    public void Download_ThatFails_SaysWhyAndLeavesNoFile(string how, string says)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        var data = Data(Serve(listener, _ => how switch
        {
            "404" => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray(),
            "cut" => Ok(Images(3)[..^5], Images(3).Length),
            "other" => Ok("<html>Sign in</html>"u8.ToArray()),
            "silent within" => Ok(Images(3)[..^5], Images(3).Length),
            _ => [],
        }, hold: how.StartsWith("silent", StringComparison.Ordinal)));
        var hasty = new DataFolders { Given = null, Cache = folders.Cache, System = folders.System, Patience = TimeSpan.FromMilliseconds(300) };
        Assert.That(async () => await (how.StartsWith("silent", StringComparison.Ordinal) ? hasty : folders).DownloadAsync(data),
            Throws.InstanceOf<IOException>().With.Message.Contains(says).And.Message.Contains(data.Publisher.ToString()));
        Assert.That(Directory.GetFiles(Path.Combine(folders.Cache, "toy")), Is.Empty);
    }

    [Test]
    public void Download_FromNobody_IsAClearError()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var nobody = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();
        Assert.That(async () => await folders.DownloadAsync(Data(nobody)), Throws.InstanceOf<IOException>().With.Message.Contains("refused"));
    }

    [Test]
    public void Download_ThatIsCancelled_EndsAtOnce()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        var data = Data(Serve(listener, _ => [], hold: true));
        using var cancel = new CancellationTokenSource(200);
        Assert.That(async () => await folders.DownloadAsync(data, cancel: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
