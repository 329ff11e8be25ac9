using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

var rng = new Rng(seed: 1);
var model = new Sequential { new Linear(2, 16, rng, Activation.Tanh), new Linear(16, 2, rng) };
var x = Tensor.From([0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f], [4, 2]);
var optimizer = new Adam(model.Parameters, learningRate: 0.02);
for (int step = 0; step < 300; step++)
{
    optimizer.ZeroGrad();
    model.Forward(x, Pass.Train(rng)).CrossEntropy(Tensor.From([0, 1, 1, 0], [4])).Backward();
    optimizer.Step();
}
using var predictor = new Predictor(model, new PredictorOptions { InputShape = new Shape(2) });
Console.WriteLine($"{Device.Cpu}: 0 xor 1 is {Tensor.From(predictor.Predict([0f, 1f]), [2]).ArgMax().Item()}");
