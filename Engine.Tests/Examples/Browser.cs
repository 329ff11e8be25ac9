using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Engine.Tests.Examples;

/// <summary>A page in headless Chromium, over the DevTools protocol. Notes what the page logs as errors and which addresses it asks for.</summary>
/// <remarks>Source: https://chromedevtools.github.io/devtools-protocol/.</remarks>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private readonly List<string> errors = [], requests = [];
    private int calls;
    private string session = "";

    private Browser(Process process, string profile) => (this.process, this.profile) = (process, profile);

    /// <summary>Chromium's program; null where it is not installed.</summary>
    public static string? Program { get; } = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>What went wrong in the page so far.</summary>
    public IReadOnlyList<string> Errors => errors;

    /// <summary>The addresses asked for so far.</summary>
    public IReadOnlyList<string> Requests => requests;

    public static async Task<Browser> Open(Uri page, int width = 1280, int height = 1000, bool dark = false)
    {
        string profile = Directory.CreateTempSubdirectory("engine-browser-").FullName;
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true, UseShellExecute = false };
        foreach (string flag in new[]
        {
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", $"--window-size={width},{height}", "about:blank",
        }) start.ArgumentList.Add(flag);
        var browser = new Browser(Process.Start(start)!, profile);
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            await browser.Connect(limit.Token);
            await browser.Load(page, width, height, dark);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of an expression of JavaScript, awaited if it is a promise.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer = await Call("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        if (answer["exceptionDetails"] is { } failure) throw new InvalidOperationException($"{expression}: {failure.ToJsonString()}");
        return answer["result"]?["value"];
    }

    /// <summary>Asks until the expression is true; fails the test where it is not in the time.</summary>
    public async Task Until(string expression, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        while (await Evaluate($"Boolean({expression})") is not { } value || !value.GetValue<bool>())
        {
            if (clock.Elapsed > (limit ?? Limit)) Assert.Fail($"Not so after {clock.Elapsed.TotalSeconds:0} s: {expression}\nThe page: {await Evaluate("document.body.innerText")}\n{string.Join('\n', errors)}");
            await Task.Delay(50);
        }
    }

    /// <summary>Presses a key in what has the focus.</summary>
    public async Task Press(string key)
    {
        foreach (string type in new[] { "keyDown", "keyUp" }) await Call("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key });
    }

    /// <summary>The page as a PNG.</summary>
    public async Task<byte[]> Screenshot() => Convert.FromBase64String((string)(await Call("Page.captureScreenshot", new JsonObject { ["format"] = "png" }))["data"]!);

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        for (int i = 0; Directory.Exists(profile); i++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException) when (i < 20)
            {
                await Task.Delay(100);                              // its last children are still writing
            }
        }
    }

    private async Task Connect(CancellationToken cancel)
    {
        const string Begin = "DevTools listening on ";
        string? line;
        do line = await process.StandardError.ReadLineAsync(cancel) ?? throw new InvalidOperationException("Chromium ended without opening its DevTools.");
        while (!line.StartsWith(Begin, StringComparison.Ordinal));
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await socket.ConnectAsync(new Uri(line[Begin.Length..]), cancel);
    }

    private async Task Load(Uri page, int width, int height, bool dark)
    {
        string target = (string)(await Call("Target.createTarget", new JsonObject { ["url"] = "about:blank" }))["targetId"]!;
        session = (string)(await Call("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!;
        foreach (string domain in new[] { "Runtime", "Network", "Log", "Page" }) await Call($"{domain}.enable", []);
        await Call("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await Call("Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }) });
        await Call("Page.navigate", new JsonObject { ["url"] = page.ToString() });
    }

    private async Task<JsonObject> Call(string method, JsonObject parameters)
    {
        using var limit = new CancellationTokenSource(Limit);
        int id = ++calls;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session.Length > 0) message["sessionId"] = session;
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, limit.Token);
        while (true)
        {
            var answer = await Receive(limit.Token);
            if ((int?)answer["id"] == id)
                return answer["result"]?.AsObject() ?? throw new InvalidOperationException($"{method}: {answer.ToJsonString()}");
            Note(answer);
        }
    }

    private async Task<JsonObject> Receive(CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        using var whole = new MemoryStream();
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            whole.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(whole.ToArray())!.AsObject();
    }

    private void Note(JsonObject told)
    {
        var parameters = told["params"];
        switch ((string?)told["method"])
        {
            case "Network.requestWillBeSent": requests.Add((string)parameters!["request"]!["url"]!); break;
            case "Runtime.exceptionThrown": errors.Add(parameters!["exceptionDetails"]!.ToJsonString()); break;
            case "Runtime.consoleAPICalled" when (string?)parameters!["type"] is "error" or "warning" or "assert": errors.Add(parameters["args"]!.ToJsonString()); break;
            case "Log.entryAdded" when (string?)parameters!["entry"]!["level"] is "error" or "warning": errors.Add(parameters["entry"]!.ToJsonString()); break;
        }
    }
}
