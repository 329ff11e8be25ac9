using System.Diagnostics;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

// Trains the example's network for 50 steps on drawn digits, saves it, loads it into another, and compares what the two predict; a small BERT goes to a folder and back, and so do tokenizers of both kinds.
const int Steps = 50, Batch = 32, Tests = 200;
var rng = new Rng(1);
var digits = DrawnDigits.Draw(Steps * Batch + Tests, new Rng(2));
var model = CnnModel.Build(rng);
var optimizer = CnnModel.Optimizer(model);
double first = 0, last = 0;
var clock = Stopwatch.StartNew();
for (int step = 0; step < Steps; step++)
{
    using var scope = Device.Cpu.Scope("the training step");
    var (x, classes) = digits.Batch([.. Enumerable.Range(step * Batch, Batch)]);
    var loss = model.Forward(x, Pass.Train(rng)).CrossEntropy(classes);
    loss.Backward();
    optimizer.Step();
    optimizer.ZeroGrad();
    last = loss.Item();
    if (step == 0) first = last;
}
double milliseconds = clock.Elapsed.TotalMilliseconds / Steps;

string path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.safetensors");
var loaded = CnnModel.Build(new Rng(3));
try
{
    model.SaveWeights(path);
    loaded.LoadWeights(path);
}
finally
{
    File.Delete(path);
}
var (tests, expected) = digits.Batch([.. Enumerable.Range(Steps * Batch, Tests)]);
float[] before = model.Predict(tests).ToArray(), after = loaded.Predict(tests).ToArray();
int right = model.Predict(tests).ArgMax(1).ToArray<int>().Zip(expected.ToArray<int>()).Count(pair => pair.First == pair.Second);
string folder = Directory.CreateTempSubdirectory("bert-").FullName;
bool same;
try
{
    var bert = new BertForMaskedLM(new BertConfig { VocabularySize = 50, HiddenSize = 16, HiddenLayers = 1, AttentionHeads = 2, IntermediateSize = 32 }, rng);
    bert.SavePretrained(folder);
    var ids = Tensor.From([2, 7, 9, 3], [1, 4]);
    same = BertForMaskedLM.FromPretrained(folder).Predict(ids).ToArray().AsSpan().SequenceEqual(bert.Predict(ids).ToArray());
}
finally
{
    Directory.Delete(folder, recursive: true);
}
bool tokens;
string text = "the lowest, the newest", tokenizers = Directory.CreateTempSubdirectory("tokenizers-").FullName;
try
{
    tokens = new SubwordTokenizer[] { WordPieceTokenizer.Train([text], new() { Size = 40 }), ByteLevelBpe.Train([text], new() { Size = 270 }) }.All(tokenizer =>
    {
        string own = Path.Combine(tokenizers, tokenizer.GetType().Name);
        tokenizer.SavePretrained(own);
        var read = SubwordTokenizer.FromPretrained(own);
        int[] ids = read.Encode(text).Ids;
        return ids.AsSpan().SequenceEqual(tokenizer.Encode(text).Ids) && read.Decode(ids) == text;
    });
}
finally
{
    Directory.Delete(tokenizers, recursive: true);
}
bool ok = tokens && same && before.AsSpan().SequenceEqual(after) && last < first / 2 && right > Tests / 2;
Console.WriteLine($"{Device.Cpu}: {milliseconds:0.0} ms a step, loss {first:0.000} to {last:0.000}, {right} of {Tests} right, loaded predictions {(before.AsSpan().SequenceEqual(after) ? "equal" : "differ")}, a BERT's {(same ? "equal" : "differ")}, tokenizers {(tokens ? "read their text back" : "lose their text")}: {(ok ? "ok" : "failed")}");
return ok ? 0 : 1;
