using System.Security.Cryptography;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class DownloaderTests
{
    private static readonly byte[] Bytes = MakeBytes(1), Others = MakeBytes(2);

    private TemporaryFolder folder = null!;
    private string path = null!;

    [SetUp]
    public void Make()
    {
        folder = new TemporaryFolder();
        path = folder.File("data.bin");
    }

    [TearDown]
    public void Drop() => folder.Dispose();

    private static byte[] MakeBytes(ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, 300_000).Select(_ => (byte)rng.NextWord())];
    }

    private static Digest DigestOf(byte[] bytes) => Digest.Sha256(Convert.ToHexString(SHA256.HashData(bytes)));

    private static Downloader Quick(int retries = 2, double patience = 10) => new() { Retries = retries, FirstPause = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromSeconds(patience) };

    private static byte[] Cut(LocalServer.Request request, int after) => [.. LocalServer.File(request, Bytes)[..after]];

    private DownloadException Fails(LocalServer server, DownloadFault fault, Downloader downloader, long? bytes = null, Digest? digest = null)
    {
        var error = Assert.ThrowsAsync<DownloadException>(() => downloader.DownloadAsync(server.Address, path, bytes, digest))!;
        Assert.That(error.Fault, Is.EqualTo(fault), error.Message);
        Assert.That(error.Message, Does.Contain(server.Address.ToString()).And.Contain(path));
        Assert.That((error.Address, error.Path), Is.EqualTo((server.Address, path)));
        Assert.That(File.Exists(path), Is.False);
        return error;
    }

    private void RequireWhole(byte[] expected)
    {
        Assert.That(File.ReadAllBytes(path).AsSpan().SequenceEqual(expected));
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo(new[] { path }), "nothing else is left");
    }

    private sealed class Seen : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value) => All.Add(value);
    }

    [Test]
    public async Task AWholeFile_IsChecked_AndToldOf([Values] bool md5)
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using var downloader = Quick();
        var seen = new Seen();
        var digest = md5 ? Digest.Md5(Convert.ToHexString(MD5.HashData(Bytes))) : DigestOf(Bytes);
        await downloader.DownloadAsync(server.Address, path, Bytes.Length, digest, seen);
        RequireWhole(Bytes);
        Assert.That(seen.All.Select(p => p.Bytes), Is.Ordered);
        Assert.That((seen.All[^1].File, seen.All[^1].Bytes, seen.All[^1].Total), Is.EqualTo(("data.bin", (long)Bytes.Length, (long?)Bytes.Length)));
        Assert.That(seen.All[^1].BytesPerSecond, Is.Positive);
        await downloader.DownloadAsync(server.Address, path, Bytes.Length, digest);
        Assert.That(server.Requests, Has.Length.EqualTo(1), "it is there already");
    }

    [Test]
    public async Task CutOff_TheNextTryGoesOnFromThere()
    {
        using var server = new LocalServer(request => request.Number == 0 ? Cut(request, 200_000) : LocalServer.File(request, Bytes));
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path, digest: DigestOf(Bytes));
        RequireWhole(Bytes);
        Assert.That(server.Requests, Has.Length.EqualTo(2));
        Assert.That(server.Requests[1].From, Is.InRange(150_000, 200_000));
        Assert.That(server.Requests[1].Headers["If-Range"], Is.EqualTo("\"one\""));
    }

    [Test]
    public async Task CutOff_ALaterRunGoesOnFromThere([Values] bool digest)
    {
        using var server = new LocalServer(request => request.Number == 0 ? Cut(request, 200_000) : LocalServer.File(request, Bytes));
        using (var first = Quick(retries: 0)) Fails(server, DownloadFault.Truncated, first, Bytes.Length);
        byte[] part = File.ReadAllBytes(path + ".part");
        Assert.That(part.AsSpan().SequenceEqual(Bytes.AsSpan(0, part.Length)));
        Assert.That(part, Has.Length.InRange(150_000, 200_000));
        using var second = Quick(retries: 0);
        var seen = new Seen();
        await second.DownloadAsync(server.Address, path, Bytes.Length, digest ? DigestOf(Bytes) : null, seen);
        Assert.That(server.Requests[1].From, Is.EqualTo(part.Length));
        Assert.That(seen.All[0].Bytes, Is.GreaterThan(part.Length));
        RequireWhole(Bytes);
    }

    [Test]
    public async Task AServerThatKnowsNoRanges_SendsTheWholeAgain()
    {
        using var server = new LocalServer(request => request.Number == 0 ? Cut(request, 200_000) : [.. LocalServer.Head(200, Bytes.Length), .. Bytes]);
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path);
        Assert.That(server.Requests[1].From, Is.GreaterThan(0));
        RequireWhole(Bytes);
    }

    [Test]
    public async Task AFileThatChangedMeanwhile_IsBegunAgain([Values] bool serverHeedsIfRange)
    {
        using var server = new LocalServer(request => request.Number == 0 ? Cut(request, 200_000) : LocalServer.File(request, Others, serverHeedsIfRange || request.Number > 1 ? "\"two\"" : "\"one\""));
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path, digest: DigestOf(Others));
        RequireWhole(Others);
        Assert.That(server.Requests, Has.Length.EqualTo(serverHeedsIfRange ? 2 : 3), "a digest shows that the parts do not fit, and the whole is asked for");
    }

    [Test]
    public async Task APartThatNobodyCouldTellAbout_IsNotGoneOnWith()
    {
        using var server = new LocalServer(request => request.Number == 0 ? [.. LocalServer.Head(200, Bytes.Length, "ETag: W/\"weak\""), .. Bytes[..100_000]]
            : [.. LocalServer.Head(200, Bytes.Length), .. Bytes]);
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path);
        Assert.That(server.Requests[1].Headers, Does.Not.ContainKey("Range"));
        RequireWhole(Bytes);
    }

    [Test]
    public async Task APartThatIsWhole_NeedsNoServer()
    {
        folder.Write("data.bin.part", Bytes);
        using var server = new LocalServer(_ => LocalServer.Head(404, 0));
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path, Bytes.Length, DigestOf(Bytes));
        Assert.That(server.Requests, Is.Empty);
        RequireWhole(Bytes);
    }

    [Test]
    public async Task APartThatIsWhole_AsTheServerSays_IsTaken()
    {
        folder.Write("data.bin.part", Bytes);
        using var server = new LocalServer(_ => LocalServer.Head(416, 0, $"Content-Range: bytes */{Bytes.Length}"));
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path, digest: DigestOf(Bytes));
        RequireWhole(Bytes);
    }

    [Test]
    public void AWrongDigest_IsNamed_AndTheFileRemoved()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Others));
        using var downloader = Quick();
        var error = Fails(server, DownloadFault.WrongDigest, downloader, digest: DigestOf(Bytes));
        Assert.That(error.Message, Does.Contain(DigestOf(Bytes).Hex).And.Contain(DigestOf(Others).Hex));
        Assert.That(server.Requests, Has.Length.EqualTo(1), "the same bytes would come again");
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [TestCase(200_000)]
    [TestCase(400_000)]
    public void AnotherSize_IsNamed_AndTheFileRemoved(int expected)
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using var downloader = Quick();
        Assert.That(Fails(server, DownloadFault.WrongSize, downloader, expected).Message, Does.Contain($"{Bytes.Length:N0}").And.Contain($"{expected:N0}"));
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [Test]
    public void AnEndlessAnswer_IsBrokenOff()
    {
        using var server = new LocalServer(async (_, stream, cancel) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray(), cancel);
            while (true) await stream.WriteAsync(Bytes, cancel);
        });
        using var downloader = new Downloader { MostBytes = 1_000_000 };
        Fails(server, DownloadFault.WrongSize, downloader);
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [Test]
    public void ARefusal_IsNotAskedForTwice()
    {
        using var server = new LocalServer(_ => LocalServer.Head(404, 0));
        using var downloader = Quick();
        Assert.That(Fails(server, DownloadFault.Refused, downloader).Message, Does.Contain("404"));
        Assert.That(server.Requests, Has.Length.EqualTo(1));
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(429)]
    public async Task AServerInTrouble_IsAskedAgain(int status)
    {
        using var server = new LocalServer(request => request.Number < 2 ? LocalServer.Head(status, 0) : LocalServer.File(request, Bytes));
        using var downloader = Quick();
        await downloader.DownloadAsync(server.Address, path);
        RequireWhole(Bytes);
        Assert.That(server.Requests, Has.Length.EqualTo(3));
    }

    [Test]
    public void AServerThatStaysInTrouble_IsGivenUp()
    {
        using var server = new LocalServer(_ => LocalServer.Head(500, 0));
        using var downloader = Quick(retries: 3);
        Fails(server, DownloadFault.Refused, downloader);
        Assert.That(server.Requests, Has.Length.EqualTo(4));
    }

    [Test]
    public void ASilentServer_IsGivenUp([Values] bool afterSome)
    {
        using var server = new LocalServer(async (request, stream, cancel) =>
        {
            if (afterSome) await stream.WriteAsync(Cut(request, 100_000), cancel);
            await Task.Delay(Timeout.Infinite, cancel);
        });
        using var downloader = Quick(retries: 1, patience: 2);
        Assert.That(Fails(server, DownloadFault.Stalled, downloader).Message, Does.Contain("no answer for 2 seconds"));
        Assert.That(server.Requests, Has.Length.EqualTo(2));
        Assert.That(File.Exists(path + ".part"), Is.EqualTo(afterSome));
    }

    [Test]
    public async Task Cancelled_InMidRead_EndsAtOnce_AndGoesOnLater()
    {
        using var server = new LocalServer(async (request, stream, cancel) =>
        {
            if (request.Number > 0) await stream.WriteAsync(LocalServer.File(request, Bytes), cancel);
            else
            {
                await stream.WriteAsync(Cut(request, 100_000), cancel);
                await Task.Delay(Timeout.Infinite, cancel);
            }
        });
        using var cancel = new CancellationTokenSource();
        using var downloader = Quick();
        var running = downloader.DownloadAsync(server.Address, path, digest: DigestOf(Bytes), cancel: cancel.Token);
        for (int i = 0; i < 500 && (!File.Exists(path + ".part") || new FileInfo(path + ".part").Length == 0); i++) await Task.Delay(10);
        cancel.Cancel();
        Assert.That(async () => await running.WaitAsync(TimeSpan.FromSeconds(5)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.Exists(path), Is.False);
        await downloader.DownloadAsync(server.Address, path, digest: DigestOf(Bytes));
        Assert.That(server.Requests[1].From, Is.GreaterThan(0));
        RequireWhole(Bytes);
    }

    [Test]
    public void NobodyThere_IsAClearError()
    {
        var server = new LocalServer(_ => []);
        server.Dispose();
        using var downloader = Quick(retries: 1);
        Assert.That(Fails(server, DownloadFault.Unreachable, downloader).Message, Does.Contain("refused"));
    }

    private sealed class FullDisk(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => Length + buffer.Length > 200_000 ? throw new IOException("No space left on device", 28) : base.WriteAsync(buffer, cancellationToken);
    }

    [Test]
    public async Task AFullDisk_IsNamed_AndGoneOnFrom()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using (var downloader = new Downloader { Open = name => new FullDisk(name) })
            Assert.That(Fails(server, DownloadFault.DiskFull, downloader).Message, Does.Contain("Make room"));
        using var later = Quick();
        await later.DownloadAsync(server.Address, path);
        Assert.That(server.Requests[1].From, Is.GreaterThan(0));
        RequireWhole(Bytes);
    }

    [Test]
    public void AFolderThatCannotBeWritten_IsNamed()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using var downloader = Quick();
        path = Path.Combine(folder.Write("file", [1]), "data.bin");
        Fails(server, DownloadFault.CannotWrite, downloader);
        Assert.That(server.Requests, Is.Empty);
    }

    [Test]
    public async Task SeveralWhoWantTheSame_GetItWhole_AndAskOnce()
    {
        using var server = new LocalServer(async (request, stream, cancel) =>
        {
            byte[] answer = LocalServer.File(request, Bytes);
            for (int at = 0; at < answer.Length; at += 30_000)
            {
                await stream.WriteAsync(answer.AsMemory(at, Math.Min(30_000, answer.Length - at)), cancel);
                await Task.Delay(20, cancel);
            }
        });
        // A lock on the open file, so that it holds between downloaders as between processes.
        Downloader[] downloaders = [.. Enumerable.Range(0, 5).Select(_ => Quick())];
        await Task.WhenAll(downloaders.Select(one => one.DownloadAsync(server.Address, path, Bytes.Length, DigestOf(Bytes))));
        RequireWhole(Bytes);
        Assert.That(server.Requests, Has.Length.EqualTo(1));
        foreach (var one in downloaders) one.Dispose();
    }

    [Test]
    public void AnotherWhoDoesNotGetOn_IsNotWaitedForForEver()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using var other = PartFile.Open(path + ".part");
        using var downloader = Quick(patience: .2);
        Assert.That(Fails(server, DownloadFault.Busy, downloader).Message, Does.Contain("Another process"));
    }

    [Test]
    public async Task AMirror_IsAskedWhereThePublisherFails()
    {
        using var gone = new LocalServer(_ => LocalServer.Head(410, 0));
        using var mirror = new LocalServer(request => LocalServer.File(request, Bytes));
        using var downloader = Quick();
        var file = new PublishedFile("data.bin", [gone.Address, mirror.Address], Bytes.Length, DigestOf(Bytes));
        Assert.That(await downloader.DownloadAsync(file, folder.Path), Is.EqualTo(path));
        RequireWhole(Bytes);
        Assert.That(() => downloader.DownloadAsync(file with { Addresses = [] }, folder.Path), Throws.ArgumentException);
    }

    [Test]
    public async Task AClientOfTheCallers_StaysTheCallers()
    {
        using var server = new LocalServer(request => LocalServer.File(request, Bytes));
        using var client = new HttpClient();
        using (var downloader = new Downloader(client)) await downloader.DownloadAsync(server.Address, path);
        Assert.That((await client.GetByteArrayAsync(server.Address)).Length, Is.EqualTo(Bytes.Length));
    }

    [TestCase("12")]
    [TestCase("zz345678901234567890123456789012")]
    public void ADigestThatIsNone_IsRefused(string hex) => Assert.That(() => Digest.Md5(hex), Throws.ArgumentException);
}
