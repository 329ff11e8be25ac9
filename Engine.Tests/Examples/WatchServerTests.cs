using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Engine.Examples;

namespace Engine.Tests.Examples;

/// <summary>What <c>examples -- watch</c> answers, without a browser.</summary>
public class WatchServerTests
{
    private TemporaryFolder folder = null!;
    private WatchServer server = null!;
    private HttpClient client = null!;

    [SetUp]
    public async Task Serve()
    {
        folder = new TemporaryFolder();
        server = await WatchServer.Start(folder.Path, 0);
        client = new HttpClient { BaseAddress = server.Address };
    }

    [TearDown]
    public async Task End()
    {
        client.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Test]
    public async Task Log_GivesWhatIsNew_AndLeavesAHalfWrittenLine()
    {
        string log = folder.File("log.jsonl");
        File.WriteAllText(log, "{\"kind\":\"step\",\"step\":1}\n[1]\n{\"kind\":\"step\",\"step\":2}\n{\"kind\":\"st");
        var first = await Log(".");
        Assert.That(Steps(first), Is.EqualTo(new[] { 1, 2 }));
        Assert.That((int)first["skipped"]!, Is.EqualTo(1));
        Assert.That(Steps(await Log(".", first)), Is.Empty);
        File.AppendAllText(log, "ep\",\"step\":3}\r\n");
        var second = await Log(".", first);
        Assert.That(Steps(second), Is.EqualTo(new[] { 3 }));
        Assert.That((bool)second["reset"]!, Is.False);
    }

    [TestCase("{\"kind\":\"step\",\"step\":7}\n", TestName = "Log_BeginsAnew_WhereTheFileWasCut")]
    [TestCase("{\"kind\":\"step\",\"step\":7}\n{\"kind\":\"step\",\"step\":8}\n{\"kind\":\"step\",\"step\":9}\n", TestName = "Log_BeginsAnew_WhereAnotherFileIsAlreadyLonger")]
    public async Task Log_BeginsAnew(string text)
    {
        File.WriteAllText(folder.File("log.jsonl"), "{\"kind\":\"step\",\"step\":1}\n{\"kind\":\"step\",\"step\":2}\n");
        var first = await Log(".");
        File.WriteAllText(folder.File("log.jsonl"), text);
        var second = await Log(".", first);
        Assert.That((bool)second["reset"]!, Is.True);
        Assert.That(Steps(second)[0], Is.EqualTo(7));
    }

    [Test]
    public async Task Log_ComesInParts_WhereItIsLong()
    {
        SampleRun.Write(folder.Path, 12_000);
        var steps = new List<int>();
        JsonNode? part = null;
        do
        {
            part = await Log(".", part);
            steps.AddRange(part["lines"]!.AsArray().Where(line => (string?)line!["kind"] == "step").Select(line => (int)line!["step"]!));
        }
        while ((bool)part["more"]!);
        Assert.That(steps, Is.EqualTo(Enumerable.Range(1, 12_000)));
    }

    // The folder's neighbour is a run: no name leads to it.
    [Test]
    public async Task Run_OutsideTheFolder_IsNotThere()
    {
        using var neighbour = new TemporaryFolder();
        SampleRun.Write(neighbour.Path, 3);
        Directory.CreateDirectory(folder.File("a"));
        string name = Path.GetFileName(neighbour.Path);
        foreach (string run in new[] { $"../{name}", $"a/../../{name}", neighbour.Path, $"./../{name}", "..", "" })
        {
            Assert.That(await Status($"/api/log?run={Uri.EscapeDataString(run)}"), Is.EqualTo(HttpStatusCode.NotFound), run);
            Assert.That(await Status($"/api/model?run={Uri.EscapeDataString(run)}"), Is.EqualTo(HttpStatusCode.NotFound), run);
        }
    }

    [Test]
    public async Task RunsBeyondFifty_AreThoseWrittenToLast()
    {
        for (int i = 0; i < 52; i++)
        {
            string run = Directory.CreateDirectory(folder.File($"run{i:D2}")).FullName;
            SampleRun.Write(run, 1);
            File.SetLastWriteTimeUtc(Path.Combine(run, "log.jsonl"), new DateTime(2026, 1, 1, 0, i, 0, DateTimeKind.Utc));
        }
        var found = JsonNode.Parse(await client.GetStringAsync("/api/runs"))!["runs"]!.AsArray().Select(run => (string?)run!["name"]);
        Assert.That(found, Is.EqualTo(Enumerable.Range(2, 50).Select(i => $"run{i:D2}")));
    }

    [TestCase("/../Program.cs")]
    [TestCase("/%2e%2e/%2e%2e/etc/passwd")]
    [TestCase("/log.jsonl")]
    public async Task File_OfTheFolder_IsNotServed(string path)
    {
        SampleRun.Write(folder.Path, 10);
        Assert.That(await Status(path), Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("evil.example", HttpStatusCode.Forbidden)]
    [TestCase("localhost.evil.example:80", HttpStatusCode.Forbidden)]
    [TestCase("localhost:1234", HttpStatusCode.OK)]
    public async Task Request_ForAnotherHost_IsRefused(string host, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs");
        request.Headers.Host = host;
        using var answer = await client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Page_AllowsNothingFromElsewhere()
    {
        using var answer = await client.GetAsync("/");
        Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'self'"));
        Assert.That(server.Address.Host, Is.EqualTo("127.0.0.1"));
    }

    [Test]
    public async Task Model_HalfWritten_IsAnError_AndAMissingOneNone()
    {
        SampleRun.Write(folder.Path, 1);
        File.WriteAllText(folder.File("model.json"), SampleRun.Model[..40]);
        Assert.That((string?)(await Get("/api/model?run=."))["error"], Is.Not.Empty);
        File.Delete(folder.File("model.json"));
        Assert.That((await Get("/api/model?run=."))["model"], Is.Null);
    }

    [Test]
    public void Port_ThatIsTaken_IsNamed()
    {
        var e = Assert.ThrowsAsync<UserException>(() => WatchServer.Start(folder.Path, server.Address.Port));
        Assert.That(e!.Message, Does.Contain($"Port {server.Address.Port} is taken").And.Contain("--port"));
    }

    [Test]
    public async Task Command_EndsAtOnce_WhenItIsCancelled()
    {
        using var cancel = new CancellationTokenSource();
        var command = Watch.Command().Parse([folder.Path, "--port", "0"]).InvokeAsync(cancellationToken: cancel.Token);
        await Task.Delay(300);
        Assert.That(command.IsCompleted, Is.False);
        var clock = Stopwatch.StartNew();
        await cancel.CancelAsync();
        Assert.That(await command, Is.Zero);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    private async Task<JsonNode> Log(string run, JsonNode? after = null)
        => await Get($"/api/log?run={Uri.EscapeDataString(run)}" + (after is null ? "" : $"&offset={after["offset"]}&mark={after["mark"]}"));

    private async Task<JsonNode> Get(string path) => JsonNode.Parse(await client.GetStringAsync(path))!;

    private async Task<HttpStatusCode> Status(string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private static int[] Steps(JsonNode part) => [.. part["lines"]!.AsArray().Select(line => (int)line!["step"]!)];
}
