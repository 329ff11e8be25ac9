using System.Text;
using System.Text.Json;
using Engine.Peers;

namespace Engine.Tests.Peers;

/// <summary>What the comparison with libtorch does without libtorch: its command line, statistics, roofline and file.</summary>
public class PeersTests
{
    [Test]
    public void OptionsAreRead()
    {
        Assert.That(Options.Parse([]), Is.EqualTo(new Options(false, null, null)));
        var options = Options.Parse(["--filter", "MatMul", "--quick", "--json", "a.json"]);
        Assert.That(options, Is.EqualTo(new Options(true, "MatMul", "a.json")));
        Assert.That(options.Takes("matmul 64"), Is.True);
        Assert.That(options.Takes("softmax 1M"), Is.False);
        Assert.That(options.Pairs, Is.EqualTo(5));
        Assert.That(Options.Parse([]).Pairs, Is.GreaterThan(5));
        Assert.That(Options.Parse([]).Takes("softmax 1M"), Is.True);
    }

    [TestCase("--fast", "--fast")]
    [TestCase("--filter", "--filter lacks")]
    [TestCase("--json --quick", "--json lacks")]
    [TestCase("--filter a --filter b", "twice")]
    public void BadOptionsAreNamed(string arguments, string words)
        => Assert.That(() => Options.Parse(arguments.Split(' ')), Throws.TypeOf<UsageException>().With.Message.Contains(words));

    [Test]
    public void RatiosAreOfPairs()
    {
        var times = new PairedTimes([1, 2, 4, 1, 1], [2, 2, 2, 3, 1]);
        Assert.That(times.Ratios, Is.EqualTo([0.5, 1, 1, 2, 3]));
        Assert.That(times.Ratio, Is.EqualTo(1));
        Assert.That(times.EngineSeconds, Is.EqualTo(1));
        Assert.That(times.LibtorchSeconds, Is.EqualTo(2));
        Assert.That(PairedTimes.Median([4, 1, 3, 2]), Is.EqualTo(2.5));
        Assert.That(PairedTimes.GeometricMean([0.5, 8]), Is.EqualTo(2).Within(1e-12));
    }

    [Test]
    public void TheRooflineIsTheSlowerOfArithmeticAndMemory()
    {
        var roofline = new Roofline(100, bytes => bytes <= 1 << 20 ? 50 : 10);
        Assert.That(roofline.LeastSeconds(1e9, 1e6), Is.EqualTo(0.01).Within(1e-12), "arithmetic");
        Assert.That(roofline.LeastSeconds(0, 1 << 20), Is.EqualTo((1 << 20) / 50e9).Within(1e-12), "cache");
        Assert.That(roofline.LeastSeconds(0, (1 << 20) + 1), Is.EqualTo(((1 << 20) + 1) / 10e9).Within(1e-12), "memory");
        Assert.That(roofline.Share(1e9, 1e6, 0.02), Is.EqualTo(0.5).Within(1e-12));
        Assert.That(roofline.GigaBytesOf(1), Is.EqualTo(50), "less than the least measured");
        Assert.That(roofline.GigaBytesOf(1e12), Is.EqualTo(10), "more than the most measured");
    }

    [Test]
    public void ResultsAreWrittenAsAnArray()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "results.json");
        new ResultsFile(path).Write([new Result("softmax 1M", Group.Memory, new PairedTimes([0.001, 0.002, 0.003], [0.004, 0.004, 0.009]), 0.123456789)]);
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo([path]));
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        var line = json.RootElement.EnumerateArray().Single();
        Assert.That(line.EnumerateObject().Select(p => p.Name), Is.EqualTo(["name", "group", "engine_ms", "libtorch_ms", "ratio", "roofline"]));
        Assert.That(line.GetProperty("name").GetString(), Is.EqualTo("softmax 1M"));
        Assert.That(line.GetProperty("group").GetString(), Is.EqualTo("memory"));
        Assert.That(line.GetProperty("engine_ms").GetDouble(), Is.EqualTo(2));
        Assert.That(line.GetProperty("libtorch_ms").GetDouble(), Is.EqualTo(4));
        Assert.That(line.GetProperty("ratio").GetDouble(), Is.EqualTo(3));
        Assert.That(line.GetProperty("roofline").GetDouble(), Is.EqualTo(0.12346));
    }

    [Test]
    public void UntilItIsWrittenTheFileStaysAsItWas()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "results.json");
        File.WriteAllText(path, "before");
        var file = new ResultsFile(path);
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo([path]));
        Assert.That(File.ReadAllText(path), Is.EqualTo("before"));
        Assert.That(() => file.Write(Fails()), Throws.TypeOf<InvalidOperationException>());
        Assert.That(Directory.GetFiles(folder.Path), Is.EqualTo([path]));
        Assert.That(File.ReadAllText(path), Is.EqualTo("before"));
        file.Write([]);
        Assert.That(File.ReadAllText(path), Is.EqualTo("[]"));

        static IEnumerable<Result> Fails() => throw new InvalidOperationException();
    }

    [Test]
    public void APlaceThatCannotBeWrittenToIsRefusedAtOnce()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => new ResultsFile(folder.Path), Throws.TypeOf<UsageException>().With.Message.Contains("folder"));
        Assert.That(() => new ResultsFile(Path.Combine(folder.Path, "none", "results.json")), Throws.TypeOf<UsageException>().With.Message.Contains("cannot be written"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);
    }

    [Test]
    public void NoResultIsAnEmptyArray()
    {
        using var stream = new MemoryStream();
        ResultsFile.Write(stream, []);
        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo("[]"));
    }

    [Test]
    public void ResultsAgreeWithinTheToleranceOfTheLargestNumber()
    {
        Assert.That(Differences.Check("exp", [[100, 0.001f]], [[100, 0.002f]], 1e-4), Is.EqualTo(1e-5).Within(1e-8));
        Assert.That(Differences.Check("exp", [[0, 0]], [[0, 0]], 1e-4), Is.Zero);
        Assert.That(() => Differences.Check("exp", [[1], [1, 1.5f]], [[1], [1, 2]], 1e-4),
            Throws.TypeOf<MismatchException>().With.Message.Contains("exp: at [1] of result 1 the engine gives 1.5 and libtorch 2,"));
        Assert.That(() => Differences.Check("exp", [[float.NaN]], [[1]], 1e-4), Throws.TypeOf<MismatchException>());
        Assert.That(() => Differences.Check("exp", [[1]], [[float.NaN]], 1e-4), Throws.TypeOf<MismatchException>());
        Assert.That(() => Differences.Check("exp", [[1]], [[0]], 1e-4), Throws.TypeOf<MismatchException>());
        Assert.That(() => Differences.Check("exp", [[1]], [[1, 1]], 1e-4), Throws.TypeOf<MismatchException>().With.Message.Contains("numbers"));
        Assert.That(() => Differences.Check("exp", [], [[1]], 1e-4), Throws.TypeOf<MismatchException>().With.Message.Contains("results"));
        Assert.That(() => Differences.Check("exp", [[]], [[]], 1e-4), Throws.TypeOf<MismatchException>().With.Message.Contains("empty"));
    }

    [Test]
    public void LibtorchIsTriedOnOneThreadAndOnAllWithBothWaysOfWaiting()
    {
        Assert.That(Setting.LibtorchSettings(2).Select(s => s.ToString()), Is.EqualTo(["2 active", "2 passive", "1"]));
        Assert.That(Setting.LibtorchSettings(1).Select(s => s.ToString()), Is.EqualTo(["1"]));
        Assert.That(Setting.EngineSettings(2).Select(s => s.ToString()), Is.EqualTo(["2", "1"]));
        Assert.That(Setting.LibtorchSettings(2)[0].Environment, Does.Contain(("OMP_WAIT_POLICY", "ACTIVE")));
        Assert.That(Setting.LibtorchSettings(2)[1].Environment, Does.Contain(("OMP_WAIT_POLICY", "PASSIVE")));
        Assert.That(Setting.LibtorchSettings(2)[2].Environment, Is.Empty);
    }
}
